namespace Portcullis.Waf.Bodies;

/// <summary>Where a header field of a part stands in the body.</summary>
/// <param name="Start">Its first byte.</param>
/// <param name="NameLength">The bytes before the colon.</param>
/// <param name="End">Behind the line, without its line end.</param>
/// <param name="FoldedEnd">Behind the last line that continues it, with its line end; 0 if there is none.</param>
internal readonly record struct MultipartHeader(int Start, int NameLength, int End, int FoldedEnd);
