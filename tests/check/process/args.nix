{
  name = "hello";
  ports = [ 80 "http" "53/udp" "8080:80" "1/icmp" 0 ];
  volumes = [ "/data" "data" ];
  stopSignal = "SIGEND";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "b";
  };
}
