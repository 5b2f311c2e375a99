"""What is different: between two applications, an application and ones like it, or two snapshots."""
