# Line ends inside strings become LF.
{
  plain = "a
bc";
  indented = ''
    x
      y
  '';
  escaped = "\r\n";
}
