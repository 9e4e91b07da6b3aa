using System.Text.Unicode;

namespace Portcullis.Waf.Bodies;

/// <summary>
/// Reads a JSON text (RFC 8259) strictly: UTF-8 without a byte order mark, no comments, no trailing commas, nothing behind the value. Each string, number,
/// <c>true</c>, <c>false</c> and <c>null</c> is an argument: strings without their escapes, numbers and literals as they are written, null as the empty
/// value, all as ModSecurity does. Keys that occur twice are passed on twice. A surrogate without its other half is an error: readers disagree
/// on what it is, and what a reader drops could hide a word from the rules.
/// </summary>
/// <remarks>
/// Time and memory are in proportion to the text: names repeat keys once for each value, so their bytes have a budget (<see cref="JsonPath"/>).
/// </remarks>
internal static class JsonReader
{
    /// <param name="text">The whole body. The empty one is an error; ModSecurity doesn't read it.</param>
    /// <param name="options">Bounds and names.</param>
    /// <param name="sink">Takes the arguments.</param>
    /// <param name="argumentsBefore">Arguments that the request has already, which count for SecArgumentsLimit.</param>
    public static BodyResult Read(ReadOnlySpan<byte> text, JsonOptions options, IBodySink sink, int argumentsBefore = 0)
    {
        if (!Utf8.IsValid(text)) return BodyResult.Failed("JSON: invalid UTF-8", Utf8Fault(text), 0);
        var scanner = new JsonScanner(text, options, options.MaximumArguments - argumentsBefore, sink);
        try
        {
            var error = scanner.Run();
            return error is null ? BodyResult.Read(scanner.Arguments) : BodyResult.Failed(error, scanner.At, scanner.Arguments);
        }
        finally
        {
            scanner.Dispose();
        }
    }

    /// <summary>Where the first byte is that is no UTF-8.</summary>
    private static int Utf8Fault(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (System.Text.Rune.DecodeFromUtf8(text[at..], out _, out var used) == System.Buffers.OperationStatus.Done) at += used;
        return at;
    }
}
