/*
  A small system for a guest: nothing is mounted and no boot loader is
  installed, since the root is the initrd, which the kernel unpacks.
*/
{ lib, ... }:
{
  boot.loader.grub.enable = false;
  fileSystems."/" = {
    device = "none";
    fsType = "tmpfs";
  };
  networking.useDHCP = false;
  documentation.enable = false;
  services.getty.autologinUser = "root";
  system.stateVersion = lib.trivial.release;
}
