export const MARKUP = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Mailkeep</title>
<link rel="icon" href="data:,">
<!--style-->
</head>
<body>
<header class="bar">
  <span class="name">Mailkeep</span>
  <span class="who" id="who" hidden></span>
  <button type="button" class="quiet" id="sign-out" hidden>Sign out</button>
</header>
<main>
  <form id="sign-in" hidden>
    <h1>Sign in to see what is held for you</h1>
    <label for="address">Address</label>
    <input id="address" name="address" type="email" autocomplete="username" required autocapitalize="none" spellcheck="false">
    <label for="password">Password</label>
    <input id="password" name="password" type="password" autocomplete="current-password" required>
    <button type="submit" class="main">Sign in</button>
    <p class="problem" id="sign-in-problem" role="alert"></p>
  </form>
  <section id="quarantine" hidden aria-labelledby="question">
    <h1 id="question">What is held for me?</h1>
    <p id="summary" aria-live="polite"></p>
    <p class="problem" id="problem" role="alert"></p>
    <ul id="items"></ul>
    <button type="button" class="quiet" id="more" hidden>Show older ones</button>
    <p class="keys">Keys: <kbd>j</kbd> <kbd>k</kbd> next and previous, <kbd>r</kbd> release, <kbd>t</kbd> release and trust</p>
  </section>
  <noscript><p>This page needs JavaScript. The same is done by the REST API: <a href="/api/v1/docs">/api/v1/docs</a>.</p></noscript>
</main>
<template id="item">
  <li class="item" tabindex="-1">
    <div class="head">
      <span class="state"><span aria-hidden="true" class="icon"></span><span class="word"></span></span>
      <time></time>
    </div>
    <p class="sender"><span class="sender-name"></span> <span class="sender-address"></span></p>
    <p class="subject"></p>
    <p class="why"></p>
    <div class="acts">
      <button type="button" class="main release">Release</button>
      <button type="button" class="trust">Release and trust</button>
    </div>
    <p class="result" role="status"></p>
  </li>
</template>
<!--script-->
</body>
</html>`
