namespace Portcullis.Waf.Bodies;

/// <summary>Bounds of a multipart body.</summary>
/// <param name="MaximumArguments">SecArgumentsLimit, for parts that are no files: with more, reading ends in <see cref="BodyResult.ArgumentLimit"/>.</param>
/// <param name="MaximumFiles">SecUploadFileLimit: more raise <see cref="MultipartFlags.FileLimitExceeded"/>, and are passed on all the same.</param>
internal sealed record MultipartLimits(int MaximumArguments = 1000, int MaximumFiles = 100);
