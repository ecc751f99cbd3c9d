{
  name = "kernel";

  # "path from this folder" = "path in the image"
  files = {
    "./kernel" = "/unikernel/kernel";
  };

  # The kernel: x86 Linux bzImage for amd64, boots by Linux/x86 boot protocol 2.15.
  annotations = {
    unikernelType = "linux"; # by the Linux setup header
    hypervisor = "qemu"; # or "firecracker", "cloud-hypervisor"
    binary = "/unikernel/kernel";
    cmdline = "/sbin/init"; # the program that Linux starts
  };
}
