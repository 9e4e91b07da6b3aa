using System.Diagnostics.CodeAnalysis;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Portcullis.Gateway.Configuration.Yaml;

/// <summary>
/// Text to one tree of nodes. Anchors and aliases work within bounds; tags, merge keys, several documents and keys that are not
/// plain text are refused.
/// </summary>
internal sealed class YamlComposer
{
    /// <summary>Nesting beyond which a file is refused; the deepest key of the schema is at ten.</summary>
    public const int MaximumDepth = 32;

    /// <summary>Nodes, every alias written out, beyond which a file is refused: room for 10,000 routes, an end for alias bombs.</summary>
    public const int MaximumNodes = 500_000;

    private readonly Dictionary<string, YamlNode?> anchors = new(StringComparer.Ordinal);
    private readonly Parser parser;
    private int nodes;

    private YamlComposer(TextReader text) => parser = new Parser(text);

    /// <summary>Composes the text; null without a defect for a file that holds nothing but comments.</summary>
    public static bool TryCompose(string text, out YamlNode? root, [NotNullWhen(false)] out YamlDefect? defect)
    {
        root = null;
        using var reader = new StringReader(text);
        var composer = new YamlComposer(reader);
        try
        {
            root = composer.ComposeStream();
            defect = null;
            return true;
        }
        catch (DefectException exception)
        {
            defect = exception.Defect;
        }
        catch (YamlException exception)
        {
            defect = Explain(text, exception);
        }
#pragma warning disable CA1031 // The parser is a library that meets hostile text here: whatever it throws means that the text is no YAML.
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            var (line, column) = Position(composer.parser.Current?.End ?? Mark.Empty);
            defect = new(line, column, "not valid YAML after this place", "check quotes, brackets and indentation");
        }
#pragma warning restore CA1031

        return false;
    }

    private static YamlDefect Explain(string text, YamlException exception)
    {
        var (line, column) = Position(exception.End.Line > exception.Start.Line ? exception.End : exception.Start);
        return FindTab(text, (int)exception.Start.Line, exception.Message.Contains("tab", StringComparison.Ordinal) ? int.MaxValue - 1 : line) is { } tab
            ? new(tab.Line, tab.Column, "a tab is used for indentation", "indent with spaces: YAML does not allow tabs there")
            : new(line, column, "not valid YAML: " + Sentence(exception), "check quotes, brackets and indentation here and in the lines above");
    }

    // The parser places such an error at the start of what it was reading: the tab is at or after that.
    private static (int Line, int Column)? FindTab(string text, int first, int last)
    {
        var number = 0;
        foreach (var content in text.AsSpan().EnumerateLines())
        {
            number++;
            if (number > last + 1) break;
            var indentation = content[..^content.TrimStart(" \t").Length];
            if (number >= first && indentation.Length < content.Length && indentation.Contains('\t')) return (number, indentation.IndexOf('\t') + 1);
        }

        return null;
    }

    // The library writes "While scanning a simple key, could not find expected ':'.": the capital and the full stop go.
    private static string Sentence(YamlException exception)
    {
        var message = Excerpt.Of(exception.Message.TrimEnd('.'), 160);
        return message.Length == 0 ? "unexpected text" : char.ToLowerInvariant(message[0]) + message[1..];
    }

    private static (int Line, int Column) Position(Mark mark) => (Math.Max(1, (int)mark.Line), Math.Max(1, (int)mark.Column));

    private static DefectException Defect(ParsingEvent at, string message, string hint)
    {
        var (line, column) = Position(at.Start);
        return new(new(line, column, message, hint));
    }

    private YamlNode? ComposeStream()
    {
        Next<StreamStart>();
        if (Next() is StreamEnd) return null;

        var root = Compose(Next(), 0);
        Next<DocumentEnd>();
        if (Next() is DocumentStart second)
            throw Defect(second, "the file holds several YAML documents", "keep one; remove the line with ---");

        return root is YamlScalar { IsNull: true } ? null : root;
    }

    private YamlNode Compose(ParsingEvent start, int depth)
    {
        if (depth > MaximumDepth) throw Defect(start, $"nested more than {MaximumDepth} levels deep", "the configuration is never that deep; check brackets and indentation");
        if (start is AnchorAlias alias) return Resolve(alias);
        if (start is not NodeEvent node) throw Defect(start, "a value was expected here", "check the lines around this one");
        if (!node.Tag.IsEmpty) throw Defect(node, $"the tag {Excerpt.Quote(node.Tag.Value)} is not allowed", "remove it: the key decides how its value is read");
        Count(node, 1);

        var name = node.Anchor.IsEmpty ? null : node.Anchor.Value;
        if (name is not null) anchors[name] = null; // an alias within its own value finds this and is refused
        var (line, column) = Position(node.Start);
        YamlNode composed = node switch
        {
            Scalar scalar => new YamlScalar { Text = scalar.Value, IsPlain = scalar.Style == ScalarStyle.Plain, Line = line, Column = column },
            SequenceStart => new YamlSequence(ComposeItems(depth)) { Line = line, Column = column },
            _ => new YamlMapping(ComposeEntries(depth)) { Line = line, Column = column },
        };
        if (name is not null) anchors[name] = composed;
        return composed;
    }

    private List<YamlNode> ComposeItems(int depth)
    {
        var items = new List<YamlNode>();
        while (true)
        {
            var next = Next();
            if (next is SequenceEnd) return items;
            items.Add(Compose(next, depth + 1));
        }
    }

    private List<YamlEntry> ComposeEntries(int depth)
    {
        var entries = new List<YamlEntry>();
        while (true)
        {
            var next = Next();
            if (next is MappingEnd) return entries;
            if (next is not Scalar { Tag.IsEmpty: true, Anchor.IsEmpty: true } text) throw Defect(next, "a key must be plain text", "write a key such as routes: without brackets, anchors, aliases or tags");
            if (text is { Value: "<<", Style: ScalarStyle.Plain }) throw Defect(text, "merge keys (<<) are not supported", "repeat the keys, or use an alias for the whole value");

            var (line, column) = Position(text.Start);
            Count(text, 1);
            var key = new YamlScalar { Text = text.Value, IsPlain = text.Style == ScalarStyle.Plain, Line = line, Column = column };
            entries.Add(new(key, Compose(Next(), depth + 1)));
        }
    }

    private YamlNode Resolve(AnchorAlias alias)
    {
        var name = Excerpt.Quote(alias.Value.Value);
        if (!anchors.TryGetValue(alias.Value.Value, out var node)) throw Defect(alias, $"there is no anchor {name} above this alias", "define it with & before its first use");
        if (node is null) throw Defect(alias, $"the alias {name} stands within its own value", "an alias can't contain itself");
        Count(alias, node.Size);
        return node;
    }

    private void Count(ParsingEvent at, int added)
    {
        nodes += added;
        if (nodes > MaximumNodes) throw Defect(at, $"the file holds more than {MaximumNodes} values, aliases written out", "reduce the use of aliases");
    }

    private ParsingEvent Next()
        => parser.MoveNext() ? parser.Current! : throw new DefectException(new(1, 1, "the file ends too early", "check quotes and brackets"));

    private T Next<T>()
        where T : ParsingEvent
    {
        var next = Next();
        return next as T ?? throw Defect(next, "something else was expected here", "check the lines around this one");
    }

    /// <summary>Ends the composition from any depth; never leaves this class.</summary>
#pragma warning disable CA1064, CA1032, RCS1194 // private control flow
    private sealed class DefectException(YamlDefect defect) : Exception
    {
        public YamlDefect Defect => defect;
    }
#pragma warning restore CA1064, CA1032, RCS1194
}
