using Portcullis.Waf.Bytes;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Engine;

/// <summary>FULL_REQUEST: request line, header fields and body as one text. Put together only for rule sets that look at it.</summary>
internal static class FullRequest
{
    public static void Compose(Evaluation evaluation, ReadOnlySpan<byte> body)
    {
        var message = evaluation.Message;
        var line = message.Text(Variable.RequestLine).Span;
        var fields = message.RequestHeaders;
        var length = line.Length + 4L + body.Length;
        for (var at = 0; at < fields.Count; at++) length += fields[at].Name.Length + evaluation.Values[fields[at].Value].Length + 4;
        message.Set(Variable.FullRequestLength, length);
        if (!evaluation.Arena.HasRoom(length)) return;

        var room = evaluation.Arena.Reserve((int)length);
        Write(ref room, line);
        Write(ref room, "\r\n"u8);
        for (var at = 0; at < fields.Count; at++)
        {
            Write(ref room, fields[at].Name.Span);
            Write(ref room, ": "u8);
            Write(ref room, evaluation.Values[fields[at].Value]);
            Write(ref room, "\r\n"u8);
        }

        Write(ref room, "\r\n"u8);
        Write(ref room, body);
        message.Set(Variable.FullRequest, evaluation.Arena.Commit((int)length));
    }

    private static void Write(ref Span<byte> room, ReadOnlySpan<byte> text)
    {
        text.CopyTo(room);
        room = room[text.Length..];
    }
}
