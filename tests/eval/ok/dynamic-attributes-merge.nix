# Older versions of Nix lost the dynamic attributes of the second set.
{
  a = {
    ${"b" + ""} = 1;
  };
  a = {
    ${"c" + ""} = 2;
  };
}
