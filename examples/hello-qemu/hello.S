/*
 * An x86-64 kernel for `qemu-system-x86_64 -kernel`: prints its command line, powers off.
 *
 * In:     PVH boot enters `_start` in 32-bit protected mode, paging and interrupts off,
 *         %ebx = struct hvm_start_info, no stack.
 * Out:    on COM1 a fixed line, then the command line and a newline; then the machine is off.
 * Always: no memory is written to, so there is no stack and no writable segment.
 * Follows Xen's public headers elfnote.h and arch-x86/hvm/start_info.h. The file is ELF64, the
 * code stays in the mode that PVH enters in: printing needs no other.
 */

/* elfnote.h */
#define XEN_ELFNOTE_PHYS32_ENTRY        18

/* arch-x86/hvm/start_info.h */
#define START_INFO_MAGIC                0x336ec578
#define START_INFO_CMDLINE              24

/* The 16550 UART's registers, from COM1's base. */
#define COM1                            0x3f8
#define UART_DATA                       (COM1 + 0)
#define UART_IER                        (COM1 + 1)
#define UART_DIVISOR_LOW                (COM1 + 0)
#define UART_DIVISOR_HIGH               (COM1 + 1)
#define UART_FCR                        (COM1 + 2)
#define UART_LCR                        (COM1 + 3)
#define UART_LSR                        (COM1 + 5)
#define LCR_DIVISOR_LATCH               0x80
#define LCR_8N1                         0x03
#define FCR_ENABLE                      0x01
#define LSR_HOLDING_EMPTY               0x20
#define LSR_ALL_SENT                    0x40

/* ACPI's PM1a control register, where QEMU's firmware puts it on the pc and q35 machines. */
#define PM1A_CONTROL                    0x604
#define PM1_SLEEP_ENABLE                (1 << 13)
#define QEMU_SLEEP_TYPE_OFF             (0 << 10)

#define KEYBOARD_COMMAND                0x64
#define KEYBOARD_RESET                  0xfe

        .macro  outb value, port
        mov     $\port, %edx
        mov     $\value, %al
        out     %al, %dx
        .endm

        .text
        .code32
        .globl  _start
_start:
        cld

        /* Firmware that printed nothing has not set the UART up: 115200 baud, 8N1, polled. */
        outb    0, UART_IER
        outb    LCR_DIVISOR_LATCH, UART_LCR
        outb    1, UART_DIVISOR_LOW
        outb    0, UART_DIVISOR_HIGH
        outb    LCR_8N1, UART_LCR
        outb    FCR_ENABLE, UART_FCR

        mov     $greeting, %esi
        mov     $1f, %edi
        jmp     print
1:
        cmpl    $START_INFO_MAGIC, (%ebx)
        jne     not_pvh

        /* The address has 64 bits, but start_info.h promises it below 4 GiB; 0 means none. */
        mov     START_INFO_CMDLINE(%ebx), %esi
        test    %esi, %esi
        jz      1f
        mov     $1f, %edi
        jmp     print
1:
        mov     $newline, %esi
        mov     $off, %edi
        jmp     print

not_pvh:
        mov     $no_start_info, %esi
        mov     $off, %edi
        jmp     print

off:
        /* A machine that stops while the UART still sends may lose the last bytes. */
        mov     $UART_LSR, %edx
1:      in      %dx, %al
        test    $LSR_ALL_SENT, %al
        jz      1b

        mov     $PM1A_CONTROL, %edx
        mov     $(PM1_SLEEP_ENABLE | QEMU_SLEEP_TYPE_OFF), %eax
        out     %ax, %dx

        /*
         * For machines without that register (microvm, or pc with acpi=off) a reset is the next
         * best end, since `-no-reboot` turns it into an exit. The keyboard controller resets a PC,
         * a triple fault the rest. Nothing waits for the power-off: QEMU serves a pending one
         * before a pending reset.
         */
        outb    KEYBOARD_RESET, KEYBOARD_COMMAND
        lidt    no_interrupts
        ud2

/* Prints the C string at %esi and jumps to %edi: without a stack there is no `call`. */
print:
        mov     $UART_LSR, %edx
1:      in      %dx, %al
        test    $LSR_HOLDING_EMPTY, %al
        jz      1b
        lodsb
        test    %al, %al
        jz      2f
        mov     $UART_DATA, %edx
        out     %al, %dx
        jmp     print
2:      jmp     *%edi

/*
 * The newline that ends this line is the point of it: with -nographic the firmware leaves text of
 * its own on the line, and the command line must have one to itself.
 */
greeting:
        .asciz  "hello from hello-qemu\n"
no_start_info:
        .asciz  "hello-qemu: entered without PVH start info, so there is no command line\n"
newline:
        .asciz  "\n"
no_interrupts:
        .fill   6, 1, 0

/*
 * 8 bytes of descriptor though an entry point has 4: QEMU reads a 64-bit number out of an ELF64
 * file's note.
 */
        .section .note.Xen, "a", @note
        .balign 4
        .long   4, 8, XEN_ELFNOTE_PHYS32_ENTRY
        .asciz  "Xen"
        .quad   _start
