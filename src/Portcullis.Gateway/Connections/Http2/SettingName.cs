namespace Portcullis.Gateway.Connections.Http2;

/// <summary>RFC 9113 §6.5.2, RFC 8441 §3.</summary>
internal enum SettingName : ushort
{
    HeaderTableSize = 1,
    EnablePush = 2,
    MaxConcurrentStreams = 3,
    InitialWindowSize = 4,
    MaxFrameSize = 5,
    MaxHeaderListSize = 6,
    EnableConnectProtocol = 8,
}
