using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Tests.Fields;

public sealed class FieldTableTests
{
    private readonly FieldTable table = new();

    [Theory]
    [InlineData("host", "HOST")]
    [InlineData("HOST", "Host")]
    [InlineData("x-uNKNOWN", "X-Unknown")]
    [InlineData("X-Unknown", "x-unknown")]
    public void Name_is_found_in_any_case(string sent, string asked)
    {
        Add(table, sent, "a");

        Assert.True(table.ContainsKey(asked));
        Assert.Equal("a", table[asked]);
        Assert.True(table.Remove(asked));
        Assert.False(table.ContainsKey(sent));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Lines_of_one_name_are_one_field_in_their_order(bool isReadBetween)
    {
        Add(table, "X-List", "a");
        Add(table, "Accept", "z");
        if (isReadBetween) Assert.Equal("a", table["X-List"]);
        Add(table, "x-list", "b");
        Add(table, "X-LIST", "c");

        Assert.Equal(new StringValues(["a", "b", "c"]), table["X-List"]);
        Assert.Equal(["X-List", "Accept"], table.Fields.ToArray().Select(static field => field.Name));
        Assert.False(table.Fields[0].HasOctets);
    }

    [Fact]
    public void Known_name_is_the_canonical_string_and_an_unknown_one_stays_as_it_was_sent()
    {
        Add(table, "cOOKIE", "a");
        Add(table, "x-oWN", "a");

        Assert.Same(HeaderNames.Cookie, table.Fields[0].Name);
        Assert.Equal("x-oWN", table.Fields[1].Name);
    }

    [Fact]
    public void Same_octets_at_the_same_place_are_the_same_text_again()
    {
        Add(table, "X-Own", "value");
        var (name, text) = (table.Fields[0].Name, table["X-Own"][0]);
        table.Clear();
        Add(table, "X-Own", "value");

        Assert.Same(name, table.Fields[0].Name);
        Assert.Same(text, table["X-Own"][0]);
    }

    [Theory]
    [InlineData("X-Own", "value", "X-Own", "valuE")]
    [InlineData("X-Own", "value", "X-Own", "valu")]
    [InlineData("X-Own", "value", "X-owN", "value")]
    [InlineData("X-Own", "value", "X-Other", "")]
    [InlineData("X-Own", "value", "Accept", "\u00e4")]
    public void Other_octets_are_never_taken_for_those_of_the_message_before(string name, string value, string nextName, string nextValue)
    {
        Add(table, name, value);
        Assert.Equal(value, table[name]);
        table.Clear();
        Add(table, nextName, nextValue);

        Assert.Equal(nextName, table.Fields[0].Name);
        Assert.Equal(nextValue, table[nextName]);
        Assert.Single(table);
    }

    [Theory]
    [InlineData("Authorization")]
    [InlineData("Cookie")]
    [InlineData("Set-Cookie")]
    [InlineData("X-Api-Key")]
    public void Nothing_personal_is_kept_unless_asked(string name)
    {
        var asked = new FieldTable(keepsPersonal: true);
        foreach (var each in new[] { table, asked })
        {
            Add(each, "X-First", "harmless");
            Add(each, name, "secret");
            Add(each, name, "secret 2");
            Assert.Equal(new StringValues(["secret", "secret 2"]), each[name]);
            Assert.Equal("harmless", each["X-First"]);
            each.Clear();
        }

        Assert.Equal(["harmless"], Kept(table));
        Assert.Equal(["harmless", "secret"], Kept(asked));
    }

    [Fact]
    public void Personal_text_that_changed_its_place_is_not_kept_either()
    {
        Add(table, "X-First", "harmless");
        Add(table, "Authorization", "secret");
        foreach (var (_, value) in table) Assert.NotEmpty(value.ToString());
        table.Remove("X-First");
        table["Authorization"] = "secret 2";
        table["Cookie"] = "secret 3";
        table.Clear();

        Assert.Empty(Kept(table));
        foreach (var field in Slots(table)) Assert.Equal(StringValues.Empty, field.Value);
    }

    [Fact]
    public void What_is_kept_between_messages_is_bounded()
    {
        for (var i = 0; i < 64; i++) Add(table, $"X-{i}", new string('v', 500));
        foreach (var (_, value) in table) Assert.Equal(500, value[0]!.Length);
        table.Clear();
        Assert.InRange(Kept(table).Sum(static text => text.Length), 1, 8 * 1024);

        Add(table, "X-0", "small");
        Assert.Equal("small", table["X-0"]);
        table.Clear();
        Assert.Equal(["small"], Kept(table));
    }

    [Fact]
    public void Names_count_towards_what_is_kept()
    {
        for (var i = 0; i < 64; i++) Add(table, $"X-{new string('n', 500)}{i}", "v");
        table.Clear();

        Assert.InRange(Slots(table).Sum(static field => field.Name?.Length ?? 0), 1, 8 * 1024);
    }

    [Fact]
    public void Places_for_more_fields_than_usual_are_given_up()
    {
        for (var i = 0; i < 200; i++) Add(table, $"X-{i}", "v");
        Assert.Equal(200, table.Count);
        table.Clear();
        Assert.Equal(64, Slots(table).Length);

        // And there is room for as many again.
        for (var i = 0; i < 100; i++) Add(table, $"X-{i}", "w");
        Assert.Equal("w", table["X-99"]);
        table.Clear();
        Add(table, "X-0", "v");
        Assert.Single(table);
    }

    [Fact]
    public void Trim_forgets_what_is_kept()
    {
        Add(table, "X-Own", "value");
        Assert.Equal("value", table["X-Own"]);
        table.Trim();

        Assert.Empty(Slots(table));
        Assert.Empty(table);
    }

    [Fact]
    public void Fields_of_another_table_are_copied()
    {
        var other = new FieldTable();
        Add(other, "X-Octets", "as \u00e4 sent");
        Add(other, "Cookie", "a=b");
        other["X-Text"] = new StringValues(["a", "b"]);
        Add(table, "x-text", "first");
        foreach (ref readonly var field in other.Fields) table.AddFrom(other, field);
        other.Clear();
        Add(other, "X-Octets", "something else");

        Assert.Equal("as \u00e4 sent", table["X-Octets"]);
        Assert.Equal(new StringValues(["first", "a", "b"]), table["X-Text"]);
        Assert.Same(HeaderNames.Cookie, table.Fields[2].Name);
        Assert.True(table.Fields[2].HasOctets);
        Assert.True(table.Fields[2].Traits.HasFlag(FieldTraits.Personal));
    }

    [Fact]
    public void Growth_does_not_spoil_earlier_fields()
    {
        // Through blocks of 4 KiB and 16 KiB to what no block holds.
        for (var i = 0; i < 100; i++) Add(table, $"X-{i}", new string((char)('!' + (i % 90)), i * 10));

        for (var i = 0; i < 100; i++)
        {
            var octets = table.OctetsOf(table.Fields[i]);
            Assert.Equal(i * 10, octets.Length);
            Assert.False(octets.ContainsAnyExcept((byte)('!' + (i % 90))), $"field {i}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1, 2")]
    [InlineData("0x1")]
    [InlineData("9223372036854775808")]
    public void Content_length_as_text_is_a_number_or_refused(string text)
    {
        table["content-length"] = "5";
        Assert.Throws<InvalidOperationException>(() => table[HeaderNames.ContentLength] = text);

        Assert.Equal(5, table.ContentLength);
        Assert.Equal("5", table["CONTENT-LENGTH"]);
        Assert.True(table.Fields.IsEmpty);
    }

    [Fact]
    public void Two_content_lengths_as_text_and_a_negative_one_are_refused()
    {
        Assert.Throws<InvalidOperationException>(() => table[HeaderNames.ContentLength] = new StringValues(["1", "1"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.ContentLength = -1);
        Assert.Null(table.ContentLength);
    }

    [Fact]
    public void Content_length_is_listed_last()
    {
        table.ContentLength = 7;
        Add(table, "Accept", "a");
        table["X-Text"] = "b";

        Assert.Equal(["Accept: a", "X-Text: b", "Content-Length: 7"], table.Select(static pair => $"{pair.Key}: {pair.Value}"));
        Assert.Equal(3, table.Count);
    }

    [Fact]
    public void Removed_field_leaves_the_others_in_their_order()
    {
        foreach (var name in new[] { "X-1", "X-2", "X-3", "X-4" }) Add(table, name, "v");
        table.Remove("X-2");

        Assert.Equal(["X-1", "X-3", "X-4"], table.Select(static pair => pair.Key));
    }

    [Fact]
    public void Field_that_is_there_can_not_be_added_and_one_that_is_not_can_not_be_had()
    {
        Add(table, "Accept", "a");
        table.ContentLength = 1;

        Assert.Throws<ArgumentException>(() => table.Add("accept", "b"));
        Assert.Throws<ArgumentException>(() => table.Add("content-length", "1"));
        Assert.Throws<KeyNotFoundException>(() => ((IDictionary<string, StringValues>)table)["Cookie"]);
        Assert.Equal(StringValues.Empty, table["Cookie"]);
    }

    [Fact]
    public void Pair_is_there_and_removed_only_with_its_value()
    {
        Add(table, "Accept", "a");
        var other = new KeyValuePair<string, StringValues>("accept", "b");
        var same = new KeyValuePair<string, StringValues>("accept", "a");

        Assert.DoesNotContain(other, table);
        Assert.False(table.Remove(other));
        Assert.True(table.Remove(same));
        Assert.Empty(table);
    }

    private static void Add(FieldTable to, string name, string value)
    {
        var octets = Encoding.Latin1.GetBytes(name);
        to.AddLine(octets, KnownFields.Find(octets, out var traits), Encoding.Latin1.GetBytes(value), traits);
    }

    private static List<string> Kept(FieldTable of) => [.. Slots(of).Select(static field => field.Kept).OfType<string>()];

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "fields")]
    private static extern ref FieldTable.Field[] Slots(FieldTable of);
}
