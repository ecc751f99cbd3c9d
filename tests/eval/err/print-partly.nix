# Nothing is printed of a value that fails in the middle.
{ a = 1; b = throw "later"; }
