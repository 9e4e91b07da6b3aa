namespace Portcullis.Waf.Bodies;

/// <summary>An object or array that is open.</summary>
internal struct JsonContainer
{
    public bool IsArray;

    /// <summary>False for an object whose keys are names by themselves.</summary>
    public bool HasPrefix;

    /// <summary>The length of the container's own name.</summary>
    public int PrefixLength;

    /// <summary>Where in the path the last key of the container's own name starts.</summary>
    public int PrefixKey;

    /// <summary>Where in the path the key of its present value starts.</summary>
    public int LastKey;

    /// <summary>Values of an array that have been named.</summary>
    public int Elements;
}
