{
  name = "kernel";

  # "path from this folder" = "path in the image"
  files = {
    "./kernel" = "/unikernel/kernel";
  };

  # The kernel: 64-bit ELF file behind Unikraft's 32-bit ELF header for amd64.
  annotations = {
    unikernelType = "unikraft"; # by the ELF32 header in front of an ELF64 file
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = ""; # the arguments of the guest
  };
}
