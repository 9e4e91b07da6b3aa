using System.Buffers.Binary;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>What a SETTINGS frame of the client says (RFC 9113 §6.5.2); null: nothing about it.</summary>
internal readonly record struct PeerSettings(uint? HeaderTableSize, int? InitialWindowSize, int? MaxFrameSize)
{
    /// <summary>What windows begin with where nothing was said (RFC 9113 §6.9.2).</summary>
    public const int InitialWindow = 65_535;

    private const int EntrySize = 6;

    /// <summary>Reads the payload of a frame; the last of several values counts.</summary>
    public static ConnectionDefect? Read(ReadOnlySpan<byte> payload, out PeerSettings settings)
    {
        settings = default;
        if (payload.Length % EntrySize != 0) return new(ErrorCode.FrameSizeError, "SETTINGS of a length that is no multiple of six");
        for (; !payload.IsEmpty; payload = payload[EntrySize..])
        {
            var value = BinaryPrimitives.ReadUInt32BigEndian(payload[2..]);
            switch ((SettingName)BinaryPrimitives.ReadUInt16BigEndian(payload))
            {
                case SettingName.HeaderTableSize:
                    settings = settings with { HeaderTableSize = value };
                    break;
                case SettingName.EnablePush or SettingName.EnableConnectProtocol when value > 1:
                    return new(ErrorCode.ProtocolError, "a setting that is either 0 or 1 is neither");
                case SettingName.InitialWindowSize when value > int.MaxValue:
                    return new(ErrorCode.FlowControlError, "SETTINGS_INITIAL_WINDOW_SIZE above 2^31-1");
                case SettingName.InitialWindowSize:
                    settings = settings with { InitialWindowSize = (int)value };
                    break;
                case SettingName.MaxFrameSize when value is < 16_384 or > 16_777_215:
                    return new(ErrorCode.ProtocolError, "SETTINGS_MAX_FRAME_SIZE out of its range");
                case SettingName.MaxFrameSize:
                    settings = settings with { MaxFrameSize = (int)value };
                    break;
                default:
                    // The rest is about what we never send, or unknown and to be ignored.
                    break;
            }
        }

        return null;
    }
}
