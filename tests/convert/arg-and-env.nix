# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  annotations = { };

  env = {
    V = "env";
    W = "env";
    X = "default";
  };

  labels = {
    env-over-arg = "env";
    later-arg = "arg";
  };
}
