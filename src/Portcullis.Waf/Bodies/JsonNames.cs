namespace Portcullis.Waf.Bodies;

/// <summary>How arguments of a JSON body are named.</summary>
internal enum JsonNames
{
    /// <summary>
    /// Keys joined by dots. What stands in an array has the array's key once more: <c>{"a":{"b":[1,{"c":2}]}}</c> gives <c>a.b.b</c> and <c>a.b.b.c</c>.
    /// An array that is the whole text has the key <c>array</c>; any other such value has the empty name.
    /// </summary>
    ModSecurity2,

    /// <summary>
    /// <c>json</c>, keys, and <c>array_0</c>, <c>array_1</c>, … for what stands in arrays, joined by dots: <c>json.a.b.array_0</c> and
    /// <c>json.a.b.array_1.c</c>.
    /// </summary>
    ModSecurity3,
}
