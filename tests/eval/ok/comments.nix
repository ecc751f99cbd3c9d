# A line,
/* a block, */
/* one /* is not nested */
/**
  A doc comment
*/
[
  1 # after an element
  /**/ 2
  /***/ 3
  # "unbalanced
  4 /* ''unbalanced */
  "# no comment /* here */"
]
# At the end without a newline: */
