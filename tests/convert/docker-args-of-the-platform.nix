# Made from Containerfile by `bimanix convert`.
#
# flags: --build-arg TARGETARCH=riscv64
# What BuildKit sets without being asked, once ARG names it.
{
  name = "image";
  annotations = { };

  env = {
    A = "linux/amd64";
    B = "linux";
    C = "riscv64";
    D = "xx";
  };
}
