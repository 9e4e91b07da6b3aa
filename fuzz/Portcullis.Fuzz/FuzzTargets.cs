using Portcullis.Fuzz.Targets;

namespace Portcullis.Fuzz;

/// <summary>Every fuzz target. A new one is a class in <c>Targets/</c>, a line here and a folder in <c>Corpus/</c>.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<IFuzzTarget> All { get; } =
    [
        new ApiKeyTarget(),
        new AuthorizationQueryTarget(),
        new ConfigurationTarget(),
        new HpackTarget(),
        new Http1RequestTarget(),
        new Http1ResponseTarget(),
        new Http2FramesTarget(),
        new KeyRingTarget(),
        new PasskeyTarget(),
        new OpaqueTokenTarget(),
        new PasswordTarget(),
        new ProxyHeaderTarget(),
        new SealedValueTarget(),
        new TargetNormaliserTarget(),
        new TokenTarget(),
        new WrappingKeyTarget(),
        new WafRegexTarget(),
        new WafSecLangTarget(),
        new WafTransactionTarget(),
        new WafJsonTarget(),
        new WafMultipartTarget(),
        new WafTransformationsTarget(),
        new WafUrlEncodedTarget(),
        new WafXmlTarget(),
        new WafInjectionTarget(),
    ];

    /// <summary>The files of a target's corpus, next to the program.</summary>
    public static string[] Corpus(IFuzzTarget target)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Corpus", target.Name);
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder) : [];
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }
}
