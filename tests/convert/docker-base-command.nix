# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # An ENTRYPOINT drops the CMD of the base.
  base = "case/base";

  annotations = { };
  entrypoint = [ "/own" ];
  workingDir = "/";
  user = "0";
  stopSignal = "SIGTERM";
}
