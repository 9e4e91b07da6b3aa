-- RS256 access tokens for nginx: verified once through OpenSSL, then known by their text until they expire.
local ffi = require("ffi")
local crypto = ffi.load("crypto.so.3")
local known = ngx.shared.tokens

ffi.cdef [[
  typedef struct bio_st BIO;
  typedef struct evp_pkey_st EVP_PKEY;
  typedef struct evp_md_st EVP_MD;
  typedef struct evp_md_ctx_st EVP_MD_CTX;
  BIO *BIO_new_mem_buf(const void *buffer, int length);
  int BIO_free(BIO *bio);
  EVP_PKEY *PEM_read_bio_PUBKEY(BIO *bio, EVP_PKEY **key, void *callback, void *argument);
  const EVP_MD *EVP_sha256(void);
  EVP_MD_CTX *EVP_MD_CTX_new(void);
  void EVP_MD_CTX_free(EVP_MD_CTX *context);
  int EVP_DigestVerifyInit(EVP_MD_CTX *context, void **key_context, const EVP_MD *digest, void *engine, EVP_PKEY *key);
  int EVP_DigestVerify(EVP_MD_CTX *context, const char *signature, size_t signature_length, const char *text, size_t text_length);
]]

local bearer = {}
local public_key

function bearer.load(path)
  local file = assert(io.open(path, "rb"))
  local pem = file:read("*a")
  file:close()
  local bio = crypto.BIO_new_mem_buf(pem, #pem)
  public_key = crypto.PEM_read_bio_PUBKEY(bio, nil, nil, nil)
  crypto.BIO_free(bio)
  assert(public_key ~= nil, "no public key in " .. path)
end

local function decode(text)
  text = text:gsub("-", "+"):gsub("_", "/")
  return ngx.decode_base64(text .. ("="):rep(-#text % 4))
end

local function is_signed(text, signature)
  local context = crypto.EVP_MD_CTX_new()
  local good = crypto.EVP_DigestVerifyInit(context, nil, crypto.EVP_sha256(), nil, public_key) == 1
    and crypto.EVP_DigestVerify(context, signature, #signature, text, #text) == 1
  crypto.EVP_MD_CTX_free(context)
  return good
end

-- Returns the subject and permissions of a good token as "subject|permissions", and its expiry.
local function verify(token)
  local head, body, signature = token:match("^([%w_-]+)%.([%w_-]+)%.([%w_-]+)$")
  if not head then return nil end
  local header, claims, bytes = decode(head), decode(body), decode(signature)
  if not (header and claims and bytes) or not header:find('"alg":"RS256"', 1, true) then return nil end
  if not is_signed(head .. "." .. body, bytes) then return nil end
  local subject, expiry = claims:match('"sub":"([^"|]+)"'), tonumber(claims:match('"exp":(%d+)'))
  if not subject or not expiry or expiry <= ngx.time() then return nil end
  if not claims:find('"iss":"https://bench.example"', 1, true) or not claims:find('"aud":"https://bench.example"', 1, true) then return nil end
  return subject .. "|" .. (claims:match('"scope":"([^"]*)"') or ""), expiry
end

function bearer.check(permission)
  local field = ngx.var.http_authorization
  local token = field and field:match("^Bearer (.+)$")
  if not token then return ngx.exit(401) end
  local caller = known:get(token)
  if not caller then
    local expiry
    caller, expiry = verify(token)
    if not caller then return ngx.exit(401) end
    known:set(token, caller, expiry - ngx.time())
  end
  local bar = caller:find("|", 1, true)
  if not (" " .. caller:sub(bar + 1) .. " "):find(" " .. permission .. " ", 1, true) then return ngx.exit(403) end
  ngx.var.caller = caller:sub(1, bar - 1)
end

return bearer
