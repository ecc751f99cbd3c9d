# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  annotations = { };

  labels = {
    unseen = "none";
    seen = "1";
    own = "own";
    inherited = "1-own";
  };
}
