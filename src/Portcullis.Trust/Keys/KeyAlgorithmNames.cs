namespace Portcullis.Trust.Keys;

/// <summary>Names of the algorithms as they stand in JOSE headers and in the ring file. Frozen.</summary>
internal static class KeyAlgorithmNames
{
    public static string Name(this KeyAlgorithm algorithm) => algorithm switch
    {
        KeyAlgorithm.RS256 => "RS256",
        KeyAlgorithm.ES256 => "ES256",
        KeyAlgorithm.A256Gcm => "A256GCM",
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "No such key algorithm."),
    };

    public static KeyAlgorithm Parse(string name) => name switch
    {
        "RS256" => KeyAlgorithm.RS256,
        "ES256" => KeyAlgorithm.ES256,
        "A256GCM" => KeyAlgorithm.A256Gcm,
        _ => KeyAlgorithm.None,
    };

    public static bool Signs(this KeyAlgorithm algorithm) => algorithm is KeyAlgorithm.RS256 or KeyAlgorithm.ES256;
}
