using Portcullis.Waf.Bytes;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Engine;

/// <summary>
/// Splits a request target (RFC 9112 section 3.2: origin form, absolute form, authority form or the asterisk) into REQUEST_URI, REQUEST_FILENAME,
/// REQUEST_BASENAME, PATH_INFO and QUERY_STRING. A fragment, which no client sends, belongs to none of them, as in ModSecurity; REQUEST_URI_RAW and
/// REQUEST_LINE have it.
/// </summary>
internal static class RequestTarget
{
    /// <summary>Fills the variables; the query's text, or nothing where there is none.</summary>
    public static Slice Read(Slice target, MessageVariables message, Arena arena)
    {
        var text = target.Span;
        var fragment = text.IndexOf((byte)'#');
        var end = fragment < 0 ? text.Length : fragment;
        var begin = Authority(text[..end]);
        var local = target.Part(begin, end - begin);
        message.Set(Variable.RequestUri, local);
        var question = local.Span.IndexOf((byte)'?');
        var path = Decode(question < 0 ? local : local.Part(0, question), arena);
        message.Set(Variable.RequestFilename, path);
        message.Set(Variable.RequestBasename, Basename(path));
        // As in libmodsecurity. In ModSecurity 2 it is what Apache's handlers leave over of the path, mostly nothing.
        message.Set(Variable.PathInfo, path);
        if (question < 0) return default;

        var query = local.Part(question + 1, local.Length - question - 1);
        message.Set(Variable.QueryString, query);
        return query;
    }

    // How long scheme and authority of the absolute form are; 0 for other forms.
    private static int Authority(ReadOnlySpan<byte> target)
    {
        var scheme = 0;
        while (scheme < target.Length && (AsciiClass.IsLetterOrDigit(target[scheme]) || target[scheme] is (byte)'+' or (byte)'-' or (byte)'.')) scheme++;
        if (scheme == 0 || !target[scheme..].StartsWith("://"u8)) return 0;
        var slash = target[(scheme + 3)..].IndexOfAny((byte)'/', (byte)'?');
        return slash < 0 ? target.Length : scheme + 3 + slash;
    }

    // REQUEST_FILENAME is decoded once, as in ModSecurity 2 behind Apache, in libmodsecurity and in Coraza; REQUEST_URI is not.
    private static Slice Decode(Slice path, Arena arena)
    {
        var text = path.Span;
        var at = text.IndexOf((byte)'%');
        if (at < 0) return path;

        var decoded = arena.Reserve(text.Length);
        text[..at].CopyTo(decoded);
        var length = at;
        while (at < text.Length)
        {
            var pair = text[at] == '%' ? Hex.Pair(text, at + 1) : -1;
            decoded[length++] = pair >= 0 ? (byte)pair : text[at];
            at += pair >= 0 ? 3 : 1;
        }

        return arena.Commit(length);
    }

    private static Slice Basename(Slice path)
    {
        var slash = path.Span.LastIndexOfAny((byte)'/', (byte)'\\');
        return slash < 0 ? path : path.Part(slash + 1, path.Length - slash - 1);
    }
}
