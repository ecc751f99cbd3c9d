# Made from Containerfile by `bimanix convert`.
#
# A name or a number; the last one counts.
{
  name = "image";
  annotations = { };
  stopSignal = "SIGQUIT";
}
