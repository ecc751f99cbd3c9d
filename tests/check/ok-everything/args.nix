{
  name = "harbor.io/x/hello";
  tag = "1.0";
  files = {
    "./kernel" = "/unikernel/";
    "conf dir" = "/conf";
    "naïve file" = { path = "/data/é"; mode = "0600"; uid = 1000; gid = 1000; };
    other = { source = ./kernel; path = "/other"; };
  };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "";
    mountRootfs = true;
  };
  cmd = [ "/init" "two words" ];
  entrypoint = [ "/urunit" ];
  env = { A = "1"; B = ""; };
  workingDir = "/";
  user = 1000;
  labels."org.example" = "x";
  architecture = "amd64";
  created = "2026-01-31T12:00:00Z";
}
