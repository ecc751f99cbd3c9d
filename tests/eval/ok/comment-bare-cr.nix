[
  1
  # A bare CR ends the comment too:  2
  # and so does CRLF:
  3
]
