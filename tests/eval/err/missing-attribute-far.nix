# Nothing is near enough to be meant.
{ alpha = 1; }.omega
