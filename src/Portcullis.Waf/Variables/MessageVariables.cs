using Portcullis.Waf.Bodies;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Rules;

namespace Portcullis.Waf.Variables;

/// <summary>
/// What the request and the response consist of, as rules see it. Filled before a phase, unchanged while it runs. Not safe for concurrent use.
/// </summary>
internal sealed class MessageVariables
{
    private readonly NameTable names;
    private readonly Arena arena;
    private readonly ValueTable values;
    private readonly Slice[] texts = new Slice[VariableCatalogue.Count];
    private readonly int[] textValues = new int[VariableCatalogue.Count];
    private readonly bool[] isSet = new bool[VariableCatalogue.Count];
    private readonly long[] numbers = new long[VariableCatalogue.Count];

    public MessageVariables(NameTable names, Arena arena, ValueTable values)
    {
        (this.names, this.arena, this.values) = (names, arena, values);
        Clear();
    }

    public NamedValues ArgsGet { get; } = new();

    public NamedValues ArgsPost { get; } = new();

    public NamedValues RequestHeaders { get; } = new();

    public NamedValues RequestCookies { get; } = new();

    /// <summary>Uploaded files: the form field's name and the file's.</summary>
    public NamedValues Files { get; } = new();

    public NamedValues FilesSizes { get; } = new();

    public NamedValues FilesTmpContent { get; } = new();

    public NamedValues MultipartFilename { get; } = new();

    public NamedValues MultipartName { get; } = new();

    /// <summary>The header lines of a part under the part's name.</summary>
    public NamedValues MultipartPartHeaders { get; } = new();

    public NamedValues ResponseHeaders { get; } = new();

    public XmlVariables Xml { get; } = new();

    /// <summary>Counts changes: what was computed over texts and named values is old when this has changed.</summary>
    public long Version { get; private set; }

    /// <summary>Reads XML; see <see cref="XmlVariables.Read"/>.</summary>
    public BodyResult ReadXml(ReadOnlyMemory<byte> document)
    {
        Version++;
        return Xml.Read(document, arena, values);
    }

    /// <summary>Adds a named value; both spans are copied.</summary>
    public void Add(NamedValues to, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Add(to, arena.Copy(name), arena.Copy(value));

    /// <summary>Adds a named value that already lives as long as the transaction.</summary>
    public void Add(NamedValues to, Slice name, Slice value)
    {
        to.Add(new NamedValues.Entry(name, names.Find(name.Span), values.Add(name), values.Add(value)), arena);
        Version++;
    }

    public void Set(Variable variable, ReadOnlySpan<byte> text) => Set(variable, arena.Copy(text));

    public void Set(Variable variable, Slice text)
    {
        texts[(int)variable] = text;
        textValues[(int)variable] = Found.NoValue;
        isSet[(int)variable] = true;
        Version++;
    }

    public void Set(Variable variable, long number)
    {
        numbers[(int)variable] = number;
        isSet[(int)variable] = true;
    }

    public void Unset(Variable variable)
    {
        isSet[(int)variable] = false;
        Version++;
    }

    public bool Has(Variable variable) => isSet[(int)variable];

    public Slice Text(Variable variable) => texts[(int)variable];

    public long Number(Variable variable) => numbers[(int)variable];

    /// <summary>The text's number in the value table.</summary>
    public int TextValue(Variable variable)
    {
        ref var value = ref textValues[(int)variable];
        if (value == Found.NoValue) value = values.Add(texts[(int)variable]);
        return value;
    }

    /// <summary>Adds what a target means to the list.</summary>
    public void Expand(Target target, FoundList list)
    {
        switch (target.Variable)
        {
            case Variable.Args:
                Expand(target, ArgsGet, list);
                Expand(target, ArgsPost, list);
                break;
            case Variable.ArgsNames:
                ExpandNames(target, ArgsGet, list);
                ExpandNames(target, ArgsPost, list);
                break;
            case Variable.ArgsGet: Expand(target, ArgsGet, list); break;
            case Variable.ArgsPost: Expand(target, ArgsPost, list); break;
            case Variable.ArgsGetNames: ExpandNames(target, ArgsGet, list); break;
            case Variable.ArgsPostNames: ExpandNames(target, ArgsPost, list); break;
            case Variable.RequestHeaders: Expand(target, RequestHeaders, list); break;
            case Variable.RequestHeadersNames: ExpandNames(target, RequestHeaders, list); break;
            case Variable.RequestCookies: Expand(target, RequestCookies, list); break;
            case Variable.RequestCookiesNames: ExpandNames(target, RequestCookies, list); break;
            case Variable.Files: Expand(target, Files, list); break;
            case Variable.FilesNames: ExpandNames(target, Files, list); break;
            case Variable.FilesSizes: Expand(target, FilesSizes, list); break;
            case Variable.FilesTmpContent: Expand(target, FilesTmpContent, list); break;
            case Variable.MultipartFilename: Expand(target, MultipartFilename, list); break;
            case Variable.MultipartName: Expand(target, MultipartName, list); break;
            case Variable.MultipartPartHeaders: Expand(target, MultipartPartHeaders, list); break;
            case Variable.ResponseHeaders: Expand(target, ResponseHeaders, list); break;
            case Variable.ResponseHeadersNames: ExpandNames(target, ResponseHeaders, list); break;
            case Variable.Xml: Xml.Expand(target, arena, values, list); break;
            // Nothing is written to disk, so there are no temporary names.
            case Variable.FilesTmpNames: break;
            default: throw new InvalidOperationException($"{target.Variable} is no collection of the message.");
        }
    }

    public void Clear()
    {
        ArgsGet.Clear();
        ArgsPost.Clear();
        RequestHeaders.Clear();
        RequestCookies.Clear();
        Files.Clear();
        FilesSizes.Clear();
        FilesTmpContent.Clear();
        MultipartFilename.Clear();
        MultipartName.Clear();
        MultipartPartHeaders.Clear();
        ResponseHeaders.Clear();
        Xml.Clear();
        Array.Clear(texts);
        Array.Fill(textValues, Found.NoValue);
        Array.Clear(numbers);
        // Numbers are 0 until they are known, texts are absent; so is the response.
        Array.Clear(isSet, 0, (int)Variable.ArgsCombinedSize);
        Array.Fill(isSet, true, (int)Variable.ArgsCombinedSize, isSet.Length - (int)Variable.ArgsCombinedSize);
        isSet[(int)Variable.ResponseStatus] = isSet[(int)Variable.ResponseContentLength] = false;
        Version++;
    }

    private static void Expand(Target target, NamedValues from, FoundList list)
    {
        for (var index = 0; index < from.Count; index++)
        {
            ref readonly var entry = ref from[index];
            if (target.Selects(entry.NameId, entry.Name.Span)) Add(target, entry, entry.Value, list);
        }
    }

    private static void ExpandNames(Target target, NamedValues from, FoundList list)
    {
        for (var index = 0; index < from.Count; index++)
        {
            ref readonly var entry = ref from[index];
            if (target.Selects(entry.NameId, entry.Name.Span)) Add(target, entry, entry.NameValue, list);
        }
    }

    private static void Add(Target target, in NamedValues.Entry entry, int value, FoundList list)
    {
        ref var found = ref list.Add();
        found.Variable = target.Variable;
        found.Name = entry.Name;
        found.NameId = entry.NameId;
        found.Value = value;
    }
}
