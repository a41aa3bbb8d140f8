/* A qemu-user plugin that counts guest instructions: at each call of getsid, the program's mark, it prints how many
 * there were since the start. The few declarations stand for qemu-plugin.h, which Debian does not ship. */
#include <stdint.h>
#include <stdio.h>

struct qemu_plugin_tb;
typedef void (*tb_trans)(uint64_t id, struct qemu_plugin_tb *tb);
typedef void (*vcpu_syscall)(uint64_t id, unsigned vcpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3,
                             uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8);
extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, tb_trans callback);
extern void qemu_plugin_register_vcpu_syscall_cb(uint64_t id, vcpu_syscall callback);
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op, void *counter, uint64_t add);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);

enum { ADD_U64 = 0, GETSID = 156 };
int qemu_plugin_version = 1;
static uint64_t count;

static void translated(uint64_t id, struct qemu_plugin_tb *tb) {
    qemu_plugin_register_vcpu_tb_exec_inline(tb, ADD_U64, &count, qemu_plugin_tb_n_insns(tb));
}

static void called(uint64_t id, unsigned vcpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                   uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8) {
    if (number == GETSID) fprintf(stderr, "instructions %llu\n", (unsigned long long)count);
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv) {
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_vcpu_syscall_cb(id, called);
    return 0;
}
