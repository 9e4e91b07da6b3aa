using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>What a test's client got, whole.</summary>
internal sealed record Reply(ForwardError Error, string? Cause, int Status, IHeaderDictionary Headers, string Body, CopyResult Copy, IHeaderDictionary Trailers);
