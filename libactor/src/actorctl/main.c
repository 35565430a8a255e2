/* SPDX-License-Identifier: Apache-2.0 */
/* actorctl: shows a live node of any program built on libactor that lets itself be inspected. */
#include <actor/actorctl.h>
#include <locale.h>

int main(int argc, char **argv)
{
        static const struct actor_flag_set set = {
                .program = "actorctl",
                .purpose = ACTORCTL_PURPOSE,
                .env_prefix = "ACTORCTL_",
                .arguments = ACTORCTL_ARGUMENTS,
                .flags = actorctl_flags,
        };
        setlocale(LC_CTYPE, "");
        return actorctl_run(&set, argc, argv);
}
