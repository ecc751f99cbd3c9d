{
  "assert" = 1;
  "else" = 2;
  "if" = 3;
  "in" = 4;
  "inherit" = 5;
  "let" = 6;
  "or" = 7;
  "rec" = 8;
  "then" = 9;
  "with" = 10;
  "true" = 11;
}
