namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>A token that a request presented, and what is known of it. <c>default</c>: none.</summary>
/// <param name="Token">A part of the field as the server gave it; equal only to the same part of the same string.</param>
/// <param name="Entry">What is known of it.</param>
internal readonly record struct PresentedToken(ReadOnlyMemory<char> Token, VerifiedTokens.Entry? Entry);
