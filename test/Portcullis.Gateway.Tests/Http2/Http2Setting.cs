namespace Portcullis.Gateway.Tests.Http2;

/// <summary>Names of settings (RFC 9113 §6.5.2); any other number can be cast.</summary>
internal enum Http2Setting : ushort
{
    HeaderTableSize = 1,
    EnablePush = 2,
    MaxConcurrentStreams = 3,
    InitialWindowSize = 4,
    MaxFrameSize = 5,
    MaxHeaderListSize = 6,
    EnableConnectProtocol = 8,
}
