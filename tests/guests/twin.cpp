// SPDX-License-Identifier: MIT OR Apache-2.0
// The teller once more, in C++ and without the C kit: its own lowering of the contract, its own memory, a call an event.
// What it shares with teller.c is the format of its state, so either can be put in the place of the other. Messages:
// "add" counts and answers the count; "pass TEXT" counts and sends TEXT to "collector"; "get" answers "C++ COUNT"; its
// ticks and news are counted.
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) extern "C" __attribute__((export_name(name)))
#define IMPORT(name) extern "C" __attribute__((import_module("airssys:actor/messaging@0.1.0"), import_name(name)))

using word = uint32_t;

IMPORT("send") void import_send(uint64_t to, word data, word len, word result);
IMPORT("lookup") void import_lookup(word name, word len, word result);

namespace {

template <typename T> word address(const T *pointer)
{
    return static_cast<word>(reinterpret_cast<uintptr_t>(pointer));
}

/// Bytes of somebody else.
class text {
  public:
    constexpr text(const char *data, size_t len) : data_(data), len_(len) {}
    template <size_t N> constexpr text(const char (&literal)[N]) : data_(literal), len_(N - 1) {}
    text(word data, word len) : data_(reinterpret_cast<const char *>(static_cast<uintptr_t>(data))), len_(len) {}

    word data() const { return address(data_); }
    word len() const { return static_cast<word>(len_); }
    bool empty() const { return len_ == 0; }

    bool operator==(const text &other) const
    {
        bool same = len_ == other.len_;
        for (size_t i = 0; same && i < len_; i++)
            same = data_[i] == other.data_[i];
        return same;
    }

    /// What stands before the first space is given, and what is behind it stays.
    text cut()
    {
        size_t at = 0;
        while (at < len_ && data_[at] != ' ')
            at++;
        text first(data_, at);
        size_t from = at < len_ ? at + 1 : len_;
        data_ += from;
        len_ -= from;
        return first;
    }

    bool number(uint64_t &ret) const
    {
        uint64_t value = 0;
        for (size_t i = 0; i < len_; i++) {
            if (data_[i] < '0' || data_[i] > '9')
                return false;
            value = 10 * value + static_cast<uint64_t>(data_[i] - '0');
        }
        ret = value;
        return len_ > 0;
    }

  private:
    friend class line;
    const char *data_;
    size_t len_;
};

/// A text that is made of parts.
class line {
  public:
    line &operator<<(const text &part)
    {
        for (size_t i = 0; i < part.len_ && len_ < sizeof bytes_; i++)
            bytes_[len_++] = part.data_[i];
        return *this;
    }

    line &operator<<(uint64_t number)
    {
        char digits[20];
        size_t at = sizeof digits;
        do {
            digits[--at] = static_cast<char>('0' + number % 10);
            number /= 10;
        } while (number > 0);
        return *this << text(digits + at, sizeof digits - at);
    }

    line &clear()
    {
        len_ = 0;
        return *this;
    }

    operator text() const { return text(bytes_, len_); }

  private:
    char bytes_[128];
    size_t len_ = 0;
};

/// Of all that the host hands over; empty again when the call has ended.
class arena {
  public:
    word take(word align, word len)
    {
        used_ = (used_ + align - 1) & ~(align - 1);
        if (len > sizeof bytes_ - used_)
            __builtin_trap();
        word block = address(bytes_ + used_);
        used_ += len;
        return block;
    }
    void clear() { used_ = 0; }

  private:
    alignas(16) char bytes_[256 * 1024];
    word used_ = 0;
};

/// `result<_, string>`, and `result<list<u8>, string>`.
struct outcome {
    word is_error;
    word data;
    word len;
};

/// `result<option<list<u8>>, string>`.
struct settled {
    word is_error;
    word first;
    word second;
    word third;
};

struct counts {
    uint64_t count, ticks, news, replies;
};

arena memory;
counts state;
line made;
outcome given;
settled answered;

word give(const text &data)
{
    given = {0, data.data(), data.len()};
    return address(&given);
}

word fail(const text &why)
{
    given = {1, why.data(), why.len()};
    return address(&given);
}

word settle()
{
    answered = {};
    return address(&answered);
}

word answer(const text &data)
{
    answered = {0, 1, data.data(), data.len()};
    return address(&answered);
}

void send(const text &name, const text &payload)
{
    struct {
        alignas(8) uint8_t is_some;
        uint64_t id;
    } found;
    word result[5];
    import_lookup(name.data(), name.len(), address(&found));
    if (found.is_some != 0)
        import_send(found.id, payload.data(), payload.len(), address(result));
}

} // namespace

extern "C" __attribute__((export_name("cabi_realloc"))) word cabi_realloc(word, word, word align, word len)
{
    return memory.take(align, len);
}

EXPORT("airssys:actor/child@0.1.0#start") word start(uint64_t, word, word, word, word, word, word)
{
    memory.clear();
    return give(text(""));
}

EXPORT("airssys:actor/child@0.1.0#stop") void stop(word)
{
}

EXPORT("airssys:actor/actor@0.1.0#handle")
word handle(uint64_t, uint64_t, word has_topic, word, word, word data, word len)
{
    text rest(data, len);
    text verb = rest.cut();
    if (has_topic != 0) {
        state.news++;
        return settle();
    }
    if (verb == "tick") {
        state.ticks++;
        return settle();
    }
    if (verb == "get")
        return answer(made.clear() << "C++ " << state.count);
    if (verb == "pass")
        send("collector", rest);
    state.count++;
    return answer(made.clear() << state.count);
}

EXPORT("cabi_post_airssys:actor/actor@0.1.0#handle") void after_handle(word)
{
    memory.clear();
}

EXPORT("airssys:actor/state@0.1.0#save") word save()
{
    return give(made.clear() << state.count << " " << state.ticks << " " << state.news << " " << state.replies);
}

EXPORT("airssys:actor/state@0.1.0#load") word load(word, word, word data, word len)
{
    text rest(data, len);
    bool whole = rest.cut().number(state.count) && rest.cut().number(state.ticks) && rest.cut().number(state.news) &&
                 rest.cut().number(state.replies) && rest.empty();
    memory.clear();
    return whole ? give(text("")) : fail("no state of a teller");
}
