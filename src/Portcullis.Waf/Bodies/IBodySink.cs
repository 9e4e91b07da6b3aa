namespace Portcullis.Waf.Bodies;

/// <summary>Takes the values of a body. What is passed is valid during the call only: slices of the body, or of memory that the reader uses again.</summary>
internal interface IBodySink
{
    /// <summary>An argument: of ARGS, ARGS_NAMES.</summary>
    void TakeArgument(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);

    /// <summary>
    /// An uploaded file: of FILES (<paramref name="fileName"/>), FILES_NAMES (<paramref name="name"/>), FILES_SIZES. The last one gives MULTIPART_FILENAME, and
    /// with the last argument's MULTIPART_NAME.
    /// </summary>
    void TakeFile(ReadOnlySpan<byte> name, ReadOnlySpan<byte> fileName, ReadOnlySpan<byte> content);

    /// <summary>A line of a part's header, unfolded and without its line end: of MULTIPART_PART_HEADERS. All those of a part come before the part.</summary>
    void TakePartHeader(ReadOnlySpan<byte> partName, ReadOnlySpan<byte> line);
}
