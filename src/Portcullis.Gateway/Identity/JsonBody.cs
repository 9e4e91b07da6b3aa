using System.Buffers;
using System.Text.Json;

namespace Portcullis.Gateway.Identity;

/// <summary>Small JSON objects as response bodies.</summary>
internal static class JsonBody
{
    /// <summary>One object, whose members <paramref name="write"/> writes.</summary>
    public static ReadOnlyMemory<byte> Create(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        write(writer);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
