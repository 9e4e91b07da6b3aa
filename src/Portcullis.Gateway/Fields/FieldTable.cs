using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Buffers;

namespace Portcullis.Gateway.Fields;

/// <summary>
/// The header fields of one message, in order. What came over the wire stays octets until somebody asks for it as text, and what was asked
/// for the last time and has not changed costs no new text. Reused from message to message; not thread safe.
/// </summary>
/// <remarks>Each char is one octet (Latin-1). Names are compared without case (RFC 9110 §5.1); lines of one name are one field (§5.3).</remarks>
/// <param name="keepsPersonal">Whether text that is one caller's is kept for comparison, as is right where all messages are the same caller's.</param>
internal sealed class FieldTable(bool keepsPersonal = false) : IHeaderDictionary
{
    /// <summary>Most chars of all text that is kept for comparison with the next message: room for a token and more.</summary>
    private const int MostKept = 8 * 1024;

    /// <summary>Most fields that are kept for comparison.</summary>
    private const int MostKeptFields = 64;

    private Field[] fields = [];
    private int count;
    private int lastCount; // fields of the message before: behind them nothing is kept
    private ulong present; // a bit for each name: where a name's bit is not set, the name is not there
    private RentedArray octets;
    private int used;
    private long? contentLength;

    public int Count => count + (contentLength is null ? 0 : 1);

    public bool IsReadOnly => false;

    /// <summary>Content-Length (RFC 9110 §8.6), which is none of <see cref="Fields"/>.</summary>
    public long? ContentLength
    {
        get => contentLength;
        set
        {
            if (value < 0) throw new ArgumentOutOfRangeException(nameof(value), value, "A length is not negative.");
            contentLength = value;
        }
    }

    public ICollection<string> Keys => [.. this.Select(static pair => pair.Key)];

    public ICollection<StringValues> Values => [.. this.Select(static pair => pair.Value)];

    public StringValues Host { get => this[HeaderNames.Host]; set => Set(HeaderNames.Host, value); }

    public StringValues Connection { get => this[HeaderNames.Connection]; set => Set(HeaderNames.Connection, value); }

    public StringValues TransferEncoding { get => this[HeaderNames.TransferEncoding]; set => Set(HeaderNames.TransferEncoding, value); }

    public StringValues Upgrade { get => this[HeaderNames.Upgrade]; set => Set(HeaderNames.Upgrade, value); }

    public StringValues Expect { get => this[HeaderNames.Expect]; set => Set(HeaderNames.Expect, value); }

    /// <summary>All fields but Content-Length.</summary>
    public ReadOnlySpan<Field> Fields => fields.AsSpan(0, count);

    public StringValues this[string key]
    {
        get => TryGetValue(key, out var value) ? value : StringValues.Empty;
        set => Set(key, value);
    }

    StringValues IDictionary<string, StringValues>.this[string key]
    {
        get => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no field {key}.");
        set => Set(key, value);
    }

    /// <summary>The octets of a field that <see cref="Field.HasOctets"/>.</summary>
    public ReadOnlySpan<byte> OctetsOf(in Field field) => octets.Array.AsSpan(field.Start, field.Length);

    /// <summary>The values of one of <see cref="Fields"/>.</summary>
    public StringValues ValueOf(in Field field)
    {
        if (field.IsText) return field.Value;
        ref var own = ref Unsafe(in field);
        var raw = OctetsOf(own);
        var text = own.Kept is { } kept && Ascii.Equals(raw, kept) ? kept : Encoding.Latin1.GetString(raw);
        own.Kept = text;
        own.Value = text;
        own.IsText = true;
        return own.Value;
    }

    /// <summary>Adds a line that came over the wire and has been checked.</summary>
    /// <param name="name">The name as sent; it is compared with that of the last message at this place before it becomes text.</param>
    /// <param name="known">The canonical text of the name, where there is one.</param>
    /// <param name="value">The value without the white space around it.</param>
    /// <param name="traits">What <see cref="KnownFields"/> knows of the name.</param>
    public void AddLine(ReadOnlySpan<byte> name, string? known, ReadOnlySpan<byte> value, FieldTraits traits)
    {
        ref var field = ref Next();
        AddOctets(known ?? (field.Name is { } before && Ascii.Equals(name, before) ? before : Encoding.Latin1.GetString(name)), value, traits);
    }

    /// <summary>As the other, of a name that is text.</summary>
    public void AddLine(string name, ReadOnlySpan<byte> value, FieldTraits traits) => AddOctets(name, value, traits);

    /// <summary>Adds a line as text.</summary>
    /// <param name="name">Not Content-Length.</param>
    /// <param name="value">The value without the white space around it.</param>
    /// <param name="traits">What <see cref="KnownFields"/> knows of the name.</param>
    public void AddLine(string name, string value, FieldTraits traits)
    {
        var before = Find(name);
        if (before < 0) AddText(name, value, traits);
        else SetValue(ref fields[before], StringValues.Concat(ValueOf(fields[before]), value));
    }

    /// <summary>Adds a field of another table, whose octets are copied as they are.</summary>
    public void AddFrom(FieldTable other, in Field field)
    {
        if (field.HasOctets) AddOctets(field.Name, other.OctetsOf(field), field.Traits);
        else Set(field.Name, TryGetValue(field.Name, out var before) ? StringValues.Concat(before, other.ValueOf(field)) : other.ValueOf(field));
    }

    /// <summary>Adds a field without looking for one of that name: whoever adds it knows that there is none, or means a further line.</summary>
    /// <param name="name">Not Content-Length.</param>
    /// <param name="value">Its values.</param>
    /// <param name="traits">What the caller knows of the name.</param>
    public void AddText(string name, StringValues value, FieldTraits traits = FieldTraits.None)
    {
        ref var field = ref Next();
        Name(ref field, name, traits);
        SetValue(ref field, value);
    }

    /// <summary>Sets a field that is on many messages, whatever was there of that name; its octets are used as they are.</summary>
    public void Set(PresetField preset)
    {
        var index = MayHave(preset.Bit) ? Find(preset.Name) : -1;
        ref var field = ref index < 0 ? ref Next() : ref fields[index];
        if (index < 0)
        {
            field.Traits = FieldTraits.None;
            present |= preset.Bit;
            count++;
        }

        SetValue(ref field, preset.Value);
        field.Name = preset.Name;
        field.Preset = preset;
    }

    /// <summary>Whether there may be a field whose name has the bit; false: there is none.</summary>
    public bool MayHave(ulong bit) => (present & bit) != 0;

    /// <summary>The bit of a name, the same in any case of letters; other names have it, too.</summary>
    public static ulong BitOf(string name) => name.Length == 0 ? 0 : 1UL << (((name.Length * 5) + ((name[0] | 0x20) * 7) + (name[^1] | 0x20)) & 63);

    private ref Field Next()
    {
        if (count == fields.Length) Array.Resize(ref fields, Math.Max(16, count * 2));
        return ref fields[count];
    }

    private void AddOctets(string name, ReadOnlySpan<byte> value, FieldTraits traits)
    {
        var before = Find(name);
        if (before >= 0)
        {
            ref var first = ref fields[before];
            SetValue(ref first, StringValues.Concat(ValueOf(first), Encoding.Latin1.GetString(value)));
            return;
        }

        ref var field = ref Next();
        Name(ref field, name, traits);
        field.Value = default;
        field.IsText = false;
        field.HasOctets = true;
        field.Start = used;
        field.Length = value.Length;
        value.CopyTo(Room(value.Length));
        used += value.Length;
    }

    private void Name(ref Field next, string name, FieldTraits traits)
    {
        next.Name = name;
        next.Traits = traits;
        present |= BitOf(name);
        count++;
    }

    public bool TryGetValue(string key, out StringValues value)
    {
        var index = Find(key);
        if (index >= 0)
        {
            value = ValueOf(fields[index]);
            return true;
        }

        if (contentLength is { } length && IsContentLength(key))
        {
            value = length.ToString(CultureInfo.InvariantCulture);
            return true;
        }

        value = default;
        return false;
    }

    public bool ContainsKey(string key) => Find(key) >= 0 || (contentLength is not null && IsContentLength(key));

    public void Add(string key, StringValues value)
    {
        if (ContainsKey(key)) throw new ArgumentException($"There is a field {key} already.", nameof(key));
        Set(key, value);
    }

    /// <summary>As <see cref="AddText"/>.</summary>
    public void Add(KeyValuePair<string, StringValues> item)
    {
        if (IsContentLength(item.Key)) Set(item.Key, item.Value);
        else AddText(item.Key, item.Value);
    }

    public bool Remove(string key)
    {
        var index = Find(key);
        if (index >= 0)
        {
            RemoveAt(index);
            return true;
        }

        if (contentLength is null || !IsContentLength(key)) return false;
        contentLength = null;
        return true;
    }

    public bool Remove(KeyValuePair<string, StringValues> item) => Contains(item) && Remove(item.Key);

    public bool Contains(KeyValuePair<string, StringValues> item) => TryGetValue(item.Key, out var value) && value == item.Value;

    /// <summary>Forgets the fields, and gives back the memory that they lie in.</summary>
    public void Clear()
    {
        var kept = 0;
        foreach (ref var field in fields.AsSpan(0, count))
        {
            field.Value = default;
            field.Preset = null;
            if ((field.Traits & FieldTraits.Personal) != FieldTraits.None && !keepsPersonal) field.Kept = null;
            kept += field.Name.Length + (field.Kept?.Length ?? 0);
            if (kept > MostKept) field = default;
        }

        if (count > 0)
        {
            if (lastCount > count) fields.AsSpan(count, Math.Min(lastCount, fields.Length) - count).Clear();
            if (fields.Length > MostKeptFields) Array.Resize(ref fields, MostKeptFields);
            lastCount = count;
        }

        octets.Return();
        count = used = 0;
        present = 0;
        contentLength = null;
    }

    /// <summary>Forgets the text kept for comparison, too.</summary>
    public void Trim()
    {
        Clear();
        fields = [];
        lastCount = 0;
    }

    public FieldEnumerator GetEnumerator() => new(this);

    IEnumerator<KeyValuePair<string, StringValues>> IEnumerable<KeyValuePair<string, StringValues>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void CopyTo(KeyValuePair<string, StringValues>[] array, int arrayIndex)
    {
        foreach (var field in this) array[arrayIndex++] = field;
    }

    private static bool IsContentLength(string name)
        => ReferenceEquals(name, HeaderNames.ContentLength) || name.Equals(HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase);

    private static void SetValue(ref Field field, StringValues value)
    {
        field.Value = value;
        field.IsText = true;
        field.HasOctets = false;
        field.Preset = null;
    }

    private void Set(string key, StringValues value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (value.Count == 0)
        {
            Remove(key);
            return;
        }

        if (IsContentLength(key))
        {
            contentLength = long.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                ? length
                : throw new InvalidOperationException($"{value} is no length.");
            return;
        }

        var index = Find(key);
        if (index < 0) AddText(key, value);
        else SetValue(ref fields[index], value);
    }

    private int Find(string name)
    {
        if (!MayHave(BitOf(name))) return -1;
        var all = fields.AsSpan(0, count);
        for (var i = 0; i < all.Length; i++)
        {
            if (ReferenceEquals(all[i].Name, name)) return i;
        }

        for (var i = 0; i < all.Length; i++)
        {
            var other = all[i].Name;
            if (other.Length == name.Length && other.Equals(name, StringComparison.OrdinalIgnoreCase)) return i;
        }

        return -1;
    }

    private void RemoveAt(int index)
    {
        count--;
        Array.Copy(fields, index + 1, fields, index, count - index);
        fields[count] = default;
    }

    private Span<byte> Room(int length)
    {
        if (octets.Array is not { } array || array.Length - used < length)
        {
            var larger = RentedArray.Rent(Math.Max(used + length, used * 2));
            octets.Array.AsSpan(0, used).CopyTo(larger.Array);
            octets.Return();
            octets = larger;
        }

        return octets.Array.AsSpan(used);
    }

    private static ref Field Unsafe(in Field field) => ref System.Runtime.CompilerServices.Unsafe.AsRef(in field);

    /// <summary>One field, of which the table knows more.</summary>
    [StructLayout(LayoutKind.Auto)]
    public struct Field
    {
        public string Name { get; set; }

        /// <summary>What is known of the name; nothing where the field was added as text.</summary>
        public FieldTraits Traits { get; set; }

        /// <summary>Whether its one value lies as octets in the table.</summary>
        public bool HasOctets { get; set; }

        /// <summary>What it was set from and still is; null for all others.</summary>
        public PresetField? Preset { get; internal set; }

        internal bool IsText { get; set; }

        internal int Start { get; set; }

        internal int Length { get; set; }

        internal StringValues Value { get; set; }

        /// <summary>What was the text at this place in an earlier message.</summary>
        internal string? Kept { get; set; }
    }
}
