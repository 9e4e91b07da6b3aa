using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Tests.Fields;

/// <summary>Whatever is done to a <see cref="FieldTable"/>, it looks as ASP.NET's dictionary does after the same.</summary>
public sealed class FieldTableModelTests
{
    private const string ContentLength = "Content-Length";

    // Known and unknown ones, some of one length with the same ends.
    private static readonly string[] Names =
        ["Host", "Accept", "Cookie", "Set-Cookie", "Authorization", "Content-Type", "X-Api-Key", "x", "X-1-Z", "X-2-Z", "X-3-Z", "x-a-long-name-that-nobody-knows", ContentLength];

    private static readonly string[] Values = ["", "a", "b", "a", "text/plain; q=0.5", "\u00e4\u00ff\ttail", new string('l', 700)];

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void Any_sequence_of_changes_leaves_what_the_dictionary_has(int seed, bool keepsPersonal)
    {
        var random = new Random(seed);
        var table = new FieldTable(keepsPersonal);
        var other = new FieldTable();
        for (var message = 0; message < 150; message++)
        {
            var model = new HeaderDictionary();
            var changes = random.Next(40);
            for (var i = 0; i < changes; i++)
            {
                var done = Change(random, table, other, model);
                AssertSame(model, table, $"seed {seed}, message {message}, change {i}: {done}");
            }

            if (random.Next(20) == 0) table.Trim();
            else table.Clear();
            AssertSame(new HeaderDictionary(), table, $"seed {seed}, after message {message}");
        }
    }

    /// <summary>Does the same to both.</summary>
    private static string Change(Random random, FieldTable table, FieldTable other, HeaderDictionary model)
    {
        var name = AnyCase(random, Names[random.Next(Names.Length)]);
        var isLength = name.Equals(ContentLength, StringComparison.OrdinalIgnoreCase);
        var value = isLength ? random.Next(100).ToString(CultureInfo.InvariantCulture) : Values[random.Next(Values.Length)];
        switch (random.Next(11))
        {
            case 0 or 1 or 2 when !isLength:
                AddLine(table, name, value);
                Join(model, name, value);
                return $"line {name}: {value}";
            case 3 when !isLength:
                other.Clear();
                AddLine(other, name, value);
                table.AddFrom(other, other.Fields[0]);
                Join(model, name, value);
                return $"line of another table {name}: {value}";
            case 4 when !isLength:
                other.Clear();
                other[name] = new StringValues([value, "more"]);
                table.AddFrom(other, other.Fields[0]);
                Join(model, name, new StringValues([value, "more"]));
                return $"text of another table {name}: {value}";
            case 5 when !isLength:
                ((IHeaderDictionary)table).Append(name, value);
                model.Append(name, value);
                return $"append {name}: {value}";
            case 6:
                Assert.Equal(model.Remove(name), table.Remove(name));
                return $"remove {name}";
            case 7:
                table.ContentLength = model.ContentLength = random.Next(3) == 0 ? null : random.NextInt64(long.MaxValue);
                return $"length {model.ContentLength}";
            case 8 when !isLength && !model.ContainsKey(name):
                table.Add(name, value);
                model.Add(name, value);
                return $"add {name}: {value}";
            case 9 when !isLength:
                new PresetField(name, value).SetIn(table);
                model[name] = value;
                return $"preset {name}: {value}";
            default:
                StringValues set = random.Next(5) == 0 ? StringValues.Empty : isLength || random.Next(2) == 0 ? value : new StringValues([value, "second", "third"]);
                table[name] = set;
                model[name] = set;
                return $"set {name}: {set}";
        }
    }

    private static void AssertSame(HeaderDictionary model, FieldTable table, string when)
    {
        Assert.True(model.Count == table.Count, $"{when}: {table.Count} fields, not {model.Count}");
        Assert.True(model.ContentLength == table.ContentLength, $"{when}: length {table.ContentLength}, not {model.ContentLength}");
        foreach (var name in Names)
        {
            var expected = model.TryGetValue(name, out var value);
            Assert.True(expected == table.ContainsKey(name), $"{when}: {name} is not {expected}");
            Assert.True(expected == table.TryGetValue(name, out var own), $"{when}: {name} is found as {!expected}");
            Assert.True(value == own && value == table[name], $"{when}: {name} is {own}, not {value}");
        }

        // Text of other fields than those asked for above comes out here alone, and in no certain order.
        var all = table.ToDictionary(static pair => pair.Key, static pair => pair.Value, StringComparer.OrdinalIgnoreCase);
        Assert.True(all.Count == model.Count, $"{when}: {all.Count} fields are listed");
        Assert.True(model.All(pair => all[pair.Key] == pair.Value), $"{when}: other fields are listed");
        Assert.True(table.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(model.Keys), $"{when}: other names are listed");
    }

    // Append drops empty values; a line has a right to be empty.
    private static void Join(HeaderDictionary model, string name, StringValues value) => model[name] = StringValues.Concat(model[name], value);

    private static void AddLine(FieldTable table, string name, string value)
    {
        var octets = Encoding.Latin1.GetBytes(name);
        table.AddLine(octets, KnownFields.Find(octets, out var traits), Encoding.Latin1.GetBytes(value), traits);
    }

    private static string AnyCase(Random random, string name) => random.Next(3) switch
    {
        0 => name.ToLowerInvariant(),
        1 => name.ToUpperInvariant(),
        _ => name,
    };
}
