namespace Portcullis.Waf.Bodies;

/// <summary>Bounds and names of a JSON body.</summary>
/// <param name="MaximumDepth">SecRequestBodyJsonDepthLimit: objects and arrays within each other, the outermost included.</param>
/// <param name="MaximumArguments">SecArgumentsLimit: with more, reading ends in <see cref="BodyResult.ArgumentLimit"/>.</param>
/// <param name="Names">How arguments are named.</param>
internal sealed record JsonOptions(int MaximumDepth = 512, int MaximumArguments = 1000, JsonNames Names = JsonNames.ModSecurity2);
