// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/groupsjson.h"
#include "common/exposition/grouptext.h"
#include "common/exposition/protobuftext.h"
#include "common/exposition/textparser.h"
#include "common/model/appmodel.h"
#include "common/wire/textcheck.h"
#include "tests/fuzz/fuzzing.h"

using namespace ExporterProxy;

// A push by the API of the Pushgateway: a line with what follows "/metrics/" in its path, then the body,
// which is delimited protobuf if the line begins with a blank.

namespace {

constexpr qint64 MaxSize = 256 * 1024;

Result<GroupFamilies> readIn(qsizetype step, const QByteArray &text, const PushGroup &group)
{
    GroupReader reader(text, group);
    while (!reader.proceed(step)) { }
    return reader.take();
}

} // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size)
{
    const QByteArray input = toBytes(data, size);
    qsizetype end = input.indexOf('\n');
    if (end < 0)
        end = input.size();
    const bool isProtobuf = input.startsWith(' ');
    const Result<PushGroup> group = PushGroup::ofPath(input.first(end).trimmed());
    if (!group)
        return 0;
    const QByteArray name = group.value().appName();
    const std::optional<PushGroup> back = PushGroup::ofAppName(name);
    require(back && back->labels == group.value().labels, "a group's name says which group it is");

    QByteArray body = input.mid(end + 1);
    if (isProtobuf) {
        ProtobufReader whole(body, MaxSize);
        ProtobufReader steps(body, MaxSize);
        whole.proceed(body.size());
        while (!steps.proceed(1)) { }
        require(whole.fault().has_value() == steps.fault().has_value(),
                "a result does not depend on the steps");
        if (whole.fault())
            return 0;
        body = whole.take();
        require(body == steps.take(), "a text does not depend on the steps");
        require(body.size() <= MaxSize, "a text keeps within its limit");
        if (!textFault(body))
            require(!expositionFault(body), "what protobuf says can be read as text");
    }
    if (textFault(body))
        return 0;
    Result<GroupFamilies> families = readIn(body.size() + 1, body, group.value());
    const Result<GroupFamilies> again = readIn(1, body, group.value());
    require(families.isOk() == again.isOk() && families.error() == again.error(), "steps do not matter");
    if (!families)
        return 0;
    const QByteArray text = families.value().text();
    require(!expositionFault(text), "what a group holds is valid");
    GroupReader reader(text);
    while (!reader.proceed(7)) { }
    GroupFamilies held = reader.take().take();
    require(held.text() == text, "what a group holds is read back");
    held.replaceBy(families.take());
    require(held.text() == text, "the same push once more changes nothing");

    auto app = std::make_shared<AppSnapshot>();
    app->name = name;
    QByteArray shown = text;
    app->swapText(shown, 1);
    app->lastUpdate = Timestamp(std::chrono::seconds(1));
    AppView view;
    view.apps.push_back(app);
    require(groupsJson(view).endsWith("],"
                                      "\"status\":\"success\"}\n"),
            "the groups are JSON");
    return 0;
}
