// SPDX-License-Identifier: GPL-3.0-or-later
// pushmetrics ADDRESS APPLICATION TEXT…: each text in a message of its own on one connection, with the
// project's push.h.
#include "resources/clients/push.h"

#include <iostream>

int main(int argc, char *argv[])
{
    if (argc < 3)
        return 2;
    try {
        exporterproxy::Pusher pusher(argv[1]);
        for (int i = 3; i < argc; ++i)
            pusher.push(argv[2], argv[i]);
        pusher.finish();
    } catch (const std::exception &error) {
        std::cerr << "pushmetrics: " << error.what() << '\n';
        return 1;
    }
}
