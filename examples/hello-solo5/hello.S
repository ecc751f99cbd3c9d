/*
 * A Solo5 guest for the hvt target on x86-64: prints its command line, exits 0.
 *
 * In:     the tender enters `_start` in 64-bit mode, %rdi = struct hvt_boot_info.
 * Out:    the command line and a newline on the tender's stdout; exit status 0.
 * Always: only the stack is written to; a network device is declared and left alone.
 * Follows Solo5's public ABI, by header: hvt_abi.h, elf_abi.h, mft_abi.h.
 */

/* hvt_abi.h: the offset of `cmdline` in struct hvt_boot_info. */
#define BOOT_INFO_CMDLINE       24

/* hvt_abi.h: hypercall N is a 32-bit `out` to port base + N of the argument's address. */
#define PORT_PUTS               (0x500 + 2)
#define PORT_HALT               (0x500 + 8)

/* hvt_abi.h: tenders refuse every version but their own; 2 is Solo5 0.8.0 and newer. */
#define HVT_ABI_TARGET          1
#define HVT_ABI_VERSION         2

/* elf_abi.h and mft_abi.h: note types, which spell "ABI1" and "MFT1" in the file. */
#define NOTE_ABI1               0x31494241
#define NOTE_MFT1               0x3154464d

/* mft_abi.h: struct mft and the one entry that every manifest begins with. */
#define MFT_VERSION             1
#define MFT_ENTRY_SIZE          104
#define MFT_NAME_SIZE           68
#define MFT_RESERVED_FIRST      0x40000000
#define MFT_DEV_NET_BASIC       2

        .text
        .globl _start
_start:
        mov     BOOT_INFO_CMDLINE(%rdi), %rsi

        /* hvt_hc_puts wants a length, the boot info has only a C string. */
        mov     %rsi, %rdi
        xor     %eax, %eax
        xor     %ecx, %ecx
        not     %rcx
        repne   scasb
        mov     %rdi, %rdx
        sub     %rsi, %rdx
        dec     %rdx
        call    puts

        lea     newline(%rip), %rsi
        mov     $1, %edx
        call    puts

        /* struct hvt_hc_halt on the stack: exit_status 0 and, below it, no cookie. */
        push    $0
        push    $0
        mov     %esp, %eax
        mov     $PORT_HALT, %edx
        out     %eax, %dx
        /* HALT does not return. Should it, a fault ends the tender; `hlt` would hang it. */
        ud2

/*
 * Writes %rdx bytes at %rsi. struct hvt_hc_puts goes on the stack because everything below
 * 1 MiB is mapped read-only, and because guest memory ends below 4 GiB: its address fits the
 * 32 bits that a hypercall carries.
 */
puts:
        push    %rdx
        push    %rsi
        mov     %esp, %eax
        mov     $PORT_PUTS, %edx
        out     %eax, %dx
        add     $16, %rsp
        ret

newline:
        .byte   '\n'

/*
 * elf_abi.h: an interpreter that cannot exist keeps the host's kernel from running this file
 * as a program of its own. The ABI gives it 24 bytes.
 */
        .section .interp, "a", @progbits
        .asciz  "/nonexistent/solo5/"
        .balign 8, 0

/* elf_abi.h: without it OpenBSD's kernel would hand the refused file to /bin/sh. */
        .section .note.solo5.not_openbsd, "a", @note
        .balign 4
        .long   8, 4, 1
        .asciz  "OpenBSD"
        .long   0

        .section .note.solo5.abi, "a", @note
        .balign 4
        .long   6, abi_end - abi_desc, NOTE_ABI1
        .asciz  "Solo5"
        .balign 4, 0
abi_desc:
        .long   HVT_ABI_TARGET, HVT_ABI_VERSION, 0, 0
abi_end:

/*
 * The tender takes struct mft at an offset of 24 from the note's start, where the struct's
 * 8-byte alignment puts it, so 4 bytes of padding are part of the descriptor.
 */
        .section .note.solo5.manifest, "a", @note
        .balign 4
mft_note:
        .long   6, mft_end - mft_desc, NOTE_MFT1
        .asciz  "Solo5"
        .balign 4, 0
mft_desc:
        .long   0
        .long   MFT_VERSION, 2
mft_first:
        .fill   MFT_NAME_SIZE, 1, 0
        .long   MFT_RESERVED_FIRST
        .fill   MFT_ENTRY_SIZE - (. - mft_first), 1, 0
/*
 * urunc attaches a device of this name to a rumprun where the container has a network, as it has
 * under every engine unless it is told otherwise, and the tender refuses what is not declared.
 */
mft_tap:
        .asciz  "tap"
        .fill   MFT_NAME_SIZE - (. - mft_tap), 1, 0
        .long   MFT_DEV_NET_BASIC
        .fill   MFT_ENTRY_SIZE - (. - mft_tap), 1, 0
mft_end:
