"""What would change the estimate: values of one application edited within the lender's limits."""
