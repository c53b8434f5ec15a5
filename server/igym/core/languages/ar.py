"""Arabic."""

from collections.abc import Mapping

from igym.protocol.told import Entry

SENTENCES: Mapping[str, Entry] = {
    "Thank you": "شكرًا لك",
    "You have finished. Thank you for taking part!": "لقد انتهيت. شكرًا على مشاركتك!",
    "The study ended for you": "انتهت الدراسة بالنسبة إليك",
    "Unfortunately you cannot continue. Thank you for your time.": "للأسف لا يمكنك المتابعة. شكرًا على وقتك.",
    "You have left the study": "غادرت الدراسة",
    "Thank you for your time. Please ask the experimenter if anything is unclear.": (
        "شكرًا على وقتك. يُرجى سؤال القائم على الدراسة إن كان هناك ما هو غير واضح."
    ),
    "The wait is over": "انتهى الانتظار",
    "Unfortunately nobody else arrived in time. Thank you for waiting.": (
        "للأسف لم يصل أحد آخر في الوقت المحدد. شكرًا على الانتظار."
    ),
    "You were away for too long": "طال غيابك",
    "This study could not wait any longer and has ended for you. What you did until then is saved. Thank you "
    "for your time. Please ask the experimenter if anything is unclear.": (
        "لم تستطع هذه الدراسة الانتظار أكثر وانتهت بالنسبة إليك. حُفظ ما فعلته حتى ذلك الحين. شكرًا على وقتك. "
        "يُرجى سؤال القائم على الدراسة إن كان هناك ما هو غير واضح."
    ),
    "The session has ended": "انتهت الجلسة",
    "The experimenter has ended this session. Thank you for taking part.": (
        "أنهى القائم على الدراسة هذه الجلسة. شكرًا على مشاركتك."
    ),
    "The game could not be loaded": "تعذّر تحميل اللعبة",
    "Unfortunately the game did not start on this computer. Please tell the experimenter.": (
        "للأسف لم تبدأ اللعبة على هذا الحاسوب. يُرجى إخبار القائم على الدراسة."
    ),
    "Continued elsewhere": "تستمر في مكان آخر",
    "This page is no longer used": "لم تعد هذه الصفحة مستخدمة",
    "Somebody new takes part at this computer now. You can close this page.": (
        "يشارك الآن شخص آخر على هذا الحاسوب. يمكنك إغلاق هذه الصفحة."
    ),
    "This session goes on at another computer.": "تستمر هذه الجلسة على حاسوب آخر.",
    "This study was opened in another tab or window, and goes on there. You can close this one.": (
        "فُتحت هذه الدراسة في علامة تبويب أو نافذة أخرى وتستمر هناك. يمكنك إغلاق هذه."
    ),
    "Already open": "مفتوحة بالفعل",
    "This study is already open in another tab or window. Please go on there, and close this one.": (
        "هذه الدراسة مفتوحة بالفعل في علامة تبويب أو نافذة أخرى. يُرجى المتابعة هناك وإغلاق هذه."
    ),
    "People talk here between the rounds of the game.": "تجري المحادثة هنا بين جولات اللعبة.",
    "The experimenter has closed the chat for you.": "أغلق القائم على الدراسة المحادثة بالنسبة إليك.",
    "There is nobody to talk to.": "لا يوجد من تتحدث إليه.",
    "You have sent as many messages as this study allows.": "أرسلت كل الرسائل التي تسمح بها هذه الدراسة.",
    "Nobody talks on this page any more.": "لم تعد هناك محادثة في هذه الصفحة.",
    "This cannot be said here.": "لا يمكن قول هذا هنا.",
    "This study cannot be done on this kind of device. Please use another one if you can.": (
        "لا يمكن إجراء هذه الدراسة على هذا النوع من الأجهزة. يُرجى استخدام جهاز آخر إن أمكن."
    ),
    "The screen or window is too small for this study. Please use a larger one if you can.": (
        "الشاشة أو النافذة أصغر مما تتطلبه هذه الدراسة. يُرجى استخدام أكبر منها إن أمكن."
    ),
    "This study cannot be done with this browser. Please use another one if you can.": (
        "لا يمكن إجراء هذه الدراسة بهذا المتصفح. يُرجى استخدام متصفح آخر إن أمكن."
    ),
    "The connection to this study is too slow to take part. Thank you for trying.": (
        "الاتصال بهذه الدراسة أبطأ من أن تشارك. شكرًا على المحاولة."
    ),
    "Unfortunately you cannot take part in this study. Thank you for your interest.": (
        "للأسف لا يمكنك المشاركة في هذه الدراسة. شكرًا على اهتمامك."
    ),
    "Continue": "متابعة",
    "Start": "ابدأ",
    "Please wait for the other participants. The game starts by itself.": (
        "يُرجى انتظار المشاركين الآخرين. تبدأ اللعبة تلقائيًا."
    ),
    "Please keep this page in front and stay with the game, or it will end for you.": (
        "يُرجى إبقاء هذه الصفحة في المقدمة ومواصلة اللعب، وإلا انتهت اللعبة بالنسبة إليك."
    ),
    "The game had to end for you, because this page was left, idle or too slow. Thank you for taking part.": (
        "انتهت اللعبة بالنسبة إليك لأن هذه الصفحة تُركت أو بقيت بلا نشاط أو كانت بطيئة جدًا. شكرًا على مشاركتك."
    ),
    "The game ended because another participant had to leave. You did nothing wrong.": (
        "انتهت اللعبة لأن مشاركًا آخر اضطر إلى المغادرة. لم ترتكب أي خطأ."
    ),
    "The game goes on without you. Click here to return.": "تستمر اللعبة من دونك. انقر هنا للعودة.",
    "The connection to another player was lost. Waiting for their return.": "انقطع الاتصال بلاعب آخر. ننتظر عودته.",
    "The other player did not come back, so the game ended early. You did nothing wrong.": (
        "لم يعد اللاعب الآخر، لذلك انتهت اللعبة مبكرًا. لم ترتكب أي خطأ."
    ),
    "The connection to your game was gone for too long, so it ended for you. What you did until then is "
    "saved, and you can go on here.": (
        "انقطع الاتصال بلعبتك مدة طويلة، لذلك انتهت بالنسبة إليك. حُفظ ما فعلته حتى ذلك الحين، ويمكنك المتابعة هنا."
    ),
    "You were away from your game for too long, so it ended for you. What you did until then is saved, and "
    "you can go on here.": (
        "ابتعدت عن لعبتك مدة طويلة، لذلك انتهت بالنسبة إليك. حُفظ ما فعلته حتى ذلك الحين، ويمكنك المتابعة هنا."
    ),
    "The experimenter has ended this game. You did nothing wrong.": (
        "أنهى القائم على الدراسة هذه اللعبة. لم ترتكب أي خطأ."
    ),
    "The game had to end because of an error in its program. It is not your fault: everything until then was "
    "saved, and the experimenter has been told.": (
        "انتهت اللعبة بسبب خطأ في برنامجها. ليس هذا خطأك: حُفظ كل شيء حتى ذلك الحين، وأُبلغ القائم على الدراسة."
    ),
    "This link is not complete, or was changed. Please open it as you got it.": (
        "هذا الرابط غير مكتمل أو جرى تغييره. يُرجى فتحه كما حصلت عليه."
    ),
    "Please open the personal link you were given.": "يُرجى فتح الرابط الشخصي الذي حصلت عليه.",
    "This link carries no participant id. Please use the link you were given.": (
        "لا يحتوي هذا الرابط على رمز مشاركة. يُرجى استخدام الرابط الذي حصلت عليه."
    ),
    "Please choose or type the name you were given.": "يُرجى اختيار الاسم الذي حصلت عليه أو كتابته.",
    "Please type your name or number.": "يُرجى كتابة اسمك أو رقمك.",
    "Please use at most {most} ordinary characters.": "الحد الأقصى لعدد الأحرف العادية {most}.",
    "This name is not on the list. Please check it, or ask the experimenter.": (
        "هذا الاسم ليس في القائمة. يُرجى التحقق منه أو سؤال القائم على الدراسة."
    ),
    "This session does not take new participants at the moment. Please ask the experimenter.": (
        "لا تقبل هذه الجلسة مشاركين جددًا حاليًا. يُرجى سؤال القائم على الدراسة."
    ),
    "All places of this session are taken. Please ask the experimenter.": (
        "جميع أماكن هذه الجلسة مشغولة. يُرجى سؤال القائم على الدراسة."
    ),
    "Some answers are not right yet. Please look at them again; you have {n} more attempts.": {
        "zero": "بعض الإجابات ليست صحيحة بعد. يُرجى مراجعتها.",
        "one": "بعض الإجابات ليست صحيحة بعد. يُرجى مراجعتها؛ بقيت لديك محاولة واحدة.",
        "two": "بعض الإجابات ليست صحيحة بعد. يُرجى مراجعتها؛ بقيت لديك محاولتان.",
        "few": "بعض الإجابات ليست صحيحة بعد. يُرجى مراجعتها؛ بقيت لديك {n} محاولات.",
        "many": "بعض الإجابات ليست صحيحة بعد. يُرجى مراجعتها؛ بقيت لديك {n} محاولة.",
        "other": "بعض الإجابات ليست صحيحة بعد. يُرجى مراجعتها؛ بقيت لديك {n} محاولة.",
    },
    "This answer is not right.": "هذه الإجابة ليست صحيحة.",
    "This study goes on only with the right answers to its questions. Thank you for your time.": (
        "لا تستمر هذه الدراسة إلا بالإجابات الصحيحة عن أسئلتها. شكرًا على وقتك."
    ),
    "This study goes on only after what its practice asks for. Thank you for your time.": (
        "لا تستمر هذه الدراسة إلا بعد تحقيق المطلوب في التدريب. شكرًا على وقتك."
    ),
    "yes": "نعم",
    "no": "لا",
    "All places are taken": "جميع الأماكن مشغولة",
    "All places of this study are taken. Thank you for your interest.": (
        "جميع أماكن هذه الدراسة مشغولة. شكرًا على اهتمامك."
    ),
    "Somebody already takes part under this name. Please ask the experimenter.": (
        "يشارك شخص بهذا الاسم بالفعل. يُرجى سؤال القائم على الدراسة."
    ),
    "This seat address is not valid. Please ask the experimenter.": (
        "عنوان المقعد هذا غير صالح. يُرجى سؤال القائم على الدراسة."
    ),
    "Somebody already takes part at this computer. Please ask the experimenter.": (
        "يشارك شخص على هذا الحاسوب بالفعل. يُرجى سؤال القائم على الدراسة."
    ),
    "This page may not join. Please open the link you were given.": (
        "لا يمكن المشاركة من هذه الصفحة. يُرجى فتح الرابط الذي حصلت عليه."
    ),
    "Joining did not work. Please try again, or tell the experimenter.": (
        "لم تنجح المشاركة. يُرجى إعادة المحاولة أو إخبار القائم على الدراسة."
    ),
    "The study is out of reach for a moment. Please try again in a few seconds.": (
        "الدراسة غير متاحة للحظة. يُرجى المحاولة مرة أخرى بعد بضع ثوانٍ."
    ),
    "This page has connected very often in a short time. Please leave it open: it goes on in a few seconds.": (
        "اتصلت هذه الصفحة مرات كثيرة في وقت قصير. يُرجى إبقاؤها مفتوحة: ستُتابع خلال ثوانٍ قليلة."
    ),
    "Too many people are joining at this moment. Please try again in a second.": (
        "ينضم عدد كبير من الأشخاص في هذه اللحظة. يُرجى إعادة المحاولة بعد ثانية."
    ),
    "Nobody can join just now, because the data cannot be saved. Please tell the experimenter.": (
        "لا يمكن لأحد المشاركة الآن، لأنه لا يمكن حفظ البيانات. يُرجى إخبار القائم على الدراسة."
    ),
    "The link or the name is too long.": "الرابط أو الاسم طويل جدًا.",
    "This page could not be understood. Please reload it.": "تعذّر فهم هذه الصفحة. يُرجى إعادة تحميلها.",
    "Please answer this question.": "يُرجى الإجابة عن هذا السؤال.",
    "This question is not part of the page.": "هذا السؤال ليس جزءًا من الصفحة.",
    "Please write text.": "يُرجى كتابة نص.",
    "Please write at least {n} characters.": {
        "zero": "يُرجى الكتابة.",
        "one": "يُرجى كتابة حرف واحد على الأقل.",
        "two": "يُرجى كتابة حرفين على الأقل.",
        "few": "يُرجى كتابة {n} أحرف على الأقل.",
        "many": "يُرجى كتابة {n} حرفًا على الأقل.",
        "other": "يُرجى كتابة {n} حرف على الأقل.",
    },
    "Please write at most {n} characters.": {
        "zero": "يُرجى عدم كتابة شيء.",
        "one": "يُرجى كتابة حرف واحد على الأكثر.",
        "two": "يُرجى كتابة حرفين على الأكثر.",
        "few": "يُرجى كتابة {n} أحرف على الأكثر.",
        "many": "يُرجى كتابة {n} حرفًا على الأكثر.",
        "other": "يُرجى كتابة {n} حرف على الأكثر.",
    },
    "Please check the form of this answer.": "يُرجى التحقق من صيغة هذه الإجابة.",
    "Please write a number.": "يُرجى كتابة رقم.",
    "Please write a whole number.": "يُرجى كتابة عدد صحيح.",
    "Please choose from the list.": "يُرجى الاختيار من القائمة.",
    "Please put every item of the list in its place.": "يُرجى إعطاء كل عنصر في القائمة مرتبته.",
    "Please choose at least {n}.": {
        "zero": "يُرجى الاختيار.",
        "one": "يُرجى اختيار إجابة واحدة على الأقل.",
        "two": "يُرجى اختيار إجابتين على الأقل.",
        "few": "يُرجى اختيار {n} إجابات على الأقل.",
        "many": "يُرجى اختيار {n} إجابة على الأقل.",
        "other": "يُرجى اختيار {n} إجابة على الأقل.",
    },
    "Please choose at most {n}.": {
        "zero": "يُرجى عدم الاختيار.",
        "one": "يُرجى اختيار إجابة واحدة على الأكثر.",
        "two": "يُرجى اختيار إجابتين على الأكثر.",
        "few": "يُرجى اختيار {n} إجابات على الأكثر.",
        "many": "يُرجى اختيار {n} إجابة على الأكثر.",
        "other": "يُرجى اختيار {n} إجابة على الأكثر.",
    },
    "Please choose a point on the scale.": "يُرجى اختيار نقطة على المقياس.",
    "Please choose a day.": "يُرجى اختيار يوم.",
    "Please choose a day from {day} on.": "يُرجى اختيار يوم لا يسبق {day}.",
    "Please choose a day up to {day}.": "يُرجى اختيار يوم لا يتجاوز {day}.",
    "Please tick the box, or leave it.": "يُرجى تحديد المربع أو تركه.",
    "Please tick this box to go on.": "يُرجى تحديد هذا المربع للمتابعة.",
    "Please choose a value of at least {number}.": "يُرجى اختيار قيمة لا تقل عن {number}.",
    "Please choose a value of at most {number}.": "يُرجى اختيار قيمة لا تزيد على {number}.",
    "I cannot reply at the moment. Please go on without me.": "لا أستطيع الرد في هذه اللحظة. يُرجى المتابعة من دوني.",
}
