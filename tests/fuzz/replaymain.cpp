// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/fuzzing.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>

/// Runs a fuzz target over files and over all files of folders: what was found once stays found, with every
/// compiler, without libFuzzer.
int main(int argc, char *argv[])
{
    int files = 0;
    const auto replay = [&files](const QString &path) {
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly)) {
            std::fprintf(stderr, "cannot read %s\n", qPrintable(path));
            std::exit(2);
        }
        const QByteArray input = file.readAll();
        std::fprintf(stderr, "%s\n", qPrintable(path)); // the last one before a crash is the culprit
        LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t *>(input.constData()),
                               std::size_t(input.size()));
        ++files;
    };
    for (int i = 1; i < argc; ++i) {
        const QString path = QFile::decodeName(argv[i]);
        if (!QFileInfo(path).isDir()) {
            replay(path);
            continue;
        }
        for (QDirIterator found(path, QDir::Files); found.hasNext();)
            replay(found.next());
    }
    std::fprintf(stderr, "%d files\n", files);
    return files > 0 ? 0 : 2; // an empty corpus must not look like a passed test
}
