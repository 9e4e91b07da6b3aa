namespace Portcullis.Waf.Bodies;

/// <summary>
/// Reads <c>multipart/form-data</c> bodies (RFC 7578) as strictly as ModSecurity 2, and reports by <see cref="MultipartFlags"/> what an application's
/// reader may understand differently. Parts without a file name are arguments, the others files; a part is passed on when the boundary behind it is found.
/// Part headers, which the MULTIPART_PART_HEADERS rules of CRS look at, come without their line ends.
/// </summary>
internal static class MultipartReader
{
    /// <param name="contentType">The Content-Type field of the request, which has the boundary.</param>
    /// <param name="body">The whole body. An empty one has no parts, and no error.</param>
    /// <param name="limits">Its bounds.</param>
    /// <param name="sink">Takes arguments, files and part headers.</param>
    /// <param name="flags">What is unusual; <see cref="MultipartFlags.Error"/> exactly if the result is an error.</param>
    /// <param name="argumentsBefore">Arguments that the request has already, which count for SecArgumentsLimit.</param>
    public static BodyResult Read(
        ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body, MultipartLimits limits, IBodySink sink, out MultipartFlags flags, int argumentsBefore = 0)
    {
        var error = MultipartBoundary.Read(contentType, out var boundary, out flags);
        if (error is not null)
        {
            flags |= MultipartFlags.Error;
            return BodyResult.Failed(error, 0, 0);
        }

        Span<MultipartHeader> headers = stackalloc MultipartHeader[MultipartPart.MaximumHeaders];
        var scanner = new MultipartScanner(boundary, body, headers, limits, sink, flags, limits.MaximumArguments - argumentsBefore);
        try
        {
            error = scanner.Run();
            flags = scanner.Flags;
            if (error is null) return BodyResult.Read(scanner.Arguments);
            flags |= MultipartFlags.Error;
            return BodyResult.Failed(error, scanner.At, scanner.Arguments);
        }
        finally
        {
            scanner.Dispose();
        }
    }
}
