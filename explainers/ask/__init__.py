"""Ask: a question in plain words leads to the page that answers it, or to an honest "I cannot answer that"."""
